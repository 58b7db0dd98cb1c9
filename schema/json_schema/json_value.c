// SPDX-License-Identifier: MIT
// jansson keeps whole numbers of up to 64 bits as integers and all others as doubles. A double stands for the shortest
// decimal number that reads back as the same double: that is what its author wrote, if he wrote at most 17 digits.
// Comparing goes through long double, which holds every 64-bit integer and every double exactly.
#include "schema/json_schema/json_value.h"

#include "schema/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__LDBL_MANT_DIG__ >= 64, "a long double must hold every 64-bit integer");

// mantissa × 10^exponent; the mantissa of 0 is 0, any other does not end in the digit 0.
struct decimal {
    uint64_t mantissa; // without the sign
    int exponent;
};

static long double value_of(const json_t *number) {
    return json_is_integer(number) ? (long double)json_integer_value(number)
                                   : (long double)json_real_value(number);
}

bool json_value_is_integer(const json_t *number) {
    if (!json_is_number(number)) {
        return false;
    }
    return json_is_integer(number) || floor(json_real_value(number)) == json_real_value(number);
}

int json_value_order(const json_t *a, const json_t *b) {
    long double left = value_of(a);
    long double right = value_of(b);
    return (left > right) - (left < right);
}

static void drop_zeros(struct decimal *decimal) {
    while (decimal->mantissa && decimal->mantissa % 10 == 0) {
        decimal->mantissa /= 10;
        decimal->exponent++;
    }
}

// "1.5e-7" becomes 15 × 10^-8. What is no digit, sign or e is the decimal point of the process's locale.
static struct decimal read_decimal(const char *text) {
    struct decimal decimal = {0};
    bool behind_point = false;
    for (; *text && *text != 'e'; text++) {
        if (is_digit(*text)) {
            decimal.mantissa = decimal.mantissa * 10 + (uint64_t)(*text - '0');
            decimal.exponent -= behind_point;
        } else if (*text != '-' && *text != '+') {
            behind_point = true;
        }
    }
    decimal.exponent += *text == 'e' ? (int)strtol(text + 1, NULL, 10) : 0;
    return decimal;
}

static struct decimal decimal_of_real(double value) {
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*e", digits - 1, value);
        if (strtod(text, NULL) == value) { // written and read in the same locale
            break;
        }
    }
    return read_decimal(text);
}

static struct decimal decimal_of(const json_t *number) {
    struct decimal decimal = {0};
    if (json_is_integer(number)) {
        json_int_t value = json_integer_value(number);
        decimal.mantissa = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    } else {
        decimal = decimal_of_real(json_real_value(number));
    }
    drop_zeros(&decimal);
    return decimal;
}

// base × 10^power modulo `modulus`.
static uint64_t scaled_modulo(uint64_t base, unsigned power, uint64_t modulus) {
    __extension__ typedef unsigned __int128 wide;
    uint64_t rest = base % modulus;
    uint64_t factor = 10 % modulus;
    for (; power; power >>= 1) {
        if (power & 1) {
            rest = (uint64_t)((wide)rest * factor % modulus);
        }
        factor = (uint64_t)((wide)factor * factor % modulus);
    }
    return rest;
}

// n × 10^e is a multiple of d × 10^f when n × 10^(e-f) is one of d; where e is less than f, n ends in no zeros and so
// is no multiple of 10, unless it is 0.
bool json_value_is_multiple(const json_t *number, const json_t *divisor) {
    struct decimal of = decimal_of(number);
    struct decimal by = decimal_of(divisor);
    if (!of.mantissa) {
        return true;
    }
    int shift = of.exponent - by.exponent;
    if (shift < 0) {
        return false;
    }
    return scaled_modulo(of.mantissa, (unsigned)shift, by.mantissa) == 0;
}

static bool spend(size_t *steps) {
    *steps -= *steps > 0;
    return *steps > 0;
}

static bool arrays_equal(const json_t *a, const json_t *b, size_t *steps) {
    size_t count = json_array_size(a);
    if (count != json_array_size(b)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!json_value_equals(json_array_get(a, i), json_array_get(b, i), steps)) {
            return false;
        }
    }
    return true;
}

static bool objects_equal(const json_t *a, const json_t *b, size_t *steps) {
    const char *key;
    json_t *value;
    if (json_object_size(a) != json_object_size(b)) {
        return false;
    }
    json_object_foreach((json_t *)a, key, value) {
        const json_t *other = json_object_get(b, key);
        if (!other || !json_value_equals(value, other, steps)) {
            return false;
        }
    }
    return true;
}

bool json_value_equals(const json_t *a, const json_t *b, size_t *steps) {
    if (!spend(steps)) {
        return false;
    }
    if (json_is_number(a) && json_is_number(b)) {
        return json_value_order(a, b) == 0;
    }
    if (json_typeof(a) != json_typeof(b)) {
        return false;
    }
    switch (json_typeof(a)) {
    case JSON_STRING:
        return json_string_length(a) == json_string_length(b) &&
               memcmp(json_string_value(a), json_string_value(b), json_string_length(a)) == 0;
    case JSON_ARRAY:
        return arrays_equal(a, b, steps);
    case JSON_OBJECT:
        return objects_equal(a, b, steps);
    default:
        return true; // null, true, false: the type says all
    }
}

// FNV-1a.
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t len) {
    const unsigned char *at = bytes;
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ at[i]) * 0x100000001b3U;
    }
    return hash;
}

static uint64_t hash_number(uint64_t hash, const json_t *number) {
    double value = json_number_value(number); // equal numbers round to equal doubles
    value = value == 0 ? 0 : value;           // and -0.0 is 0
    return hash_bytes(hash, &value, sizeof value);
}

uint64_t json_value_hash(const json_t *value, size_t *steps) {
    static const uint64_t basis = 0xcbf29ce484222325U;
    enum { NUMBER = 8 }; // integers and reals are one type here
    uint64_t kind = json_is_number(value) ? NUMBER : (uint64_t)json_typeof(value);
    uint64_t hash = hash_bytes(basis, &kind, sizeof kind);
    const char *key;
    json_t *item;
    size_t i;
    if (!spend(steps)) {
        return hash;
    }
    if (json_is_number(value)) {
        return hash_number(hash, value);
    }
    if (json_is_string(value)) {
        return hash_bytes(hash, json_string_value(value), json_string_length(value));
    }
    json_array_foreach(value, i, item) {
        uint64_t inner = json_value_hash(item, steps);
        hash = hash_bytes(hash, &inner, sizeof inner);
    }
    json_object_foreach((json_t *)value, key, item) {
        uint64_t inner = json_value_hash(item, steps);
        hash += hash_bytes(inner, key, strlen(key)) | 1; // a sum, so that the order does not count
    }
    return hash;
}
