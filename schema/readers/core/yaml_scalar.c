// SPDX-License-Identifier: MIT
// What a plain scalar means: YAML 1.2 core rules, without octal. Python hosts read YAML 1.1, so a text
// that has another meaning there is marked; the reader of the document warns about it.
//
//     text     here (YAML 1.2, section 10.3.2)   PyYAML (YAML 1.1)
//     yes      string, marked                    true
//     010      integer 10, marked                8
//     1:30     string, marked                    90 (sexagesimal)
//     1e3      real 1000                         string "1e3"
//     .inf     NODE_OTHER                        infinity, which JSON cannot hold
#include "schema/readers/core/yaml_scalar.h"

#include "schema/base/text.h"
#include "schema/base/list.h"

#include <errno.h>
#include <string.h>

struct word {
    const char *text; // as it is written
    enum node_type type;
    int64_t integer;
};

static const struct word words[] = {
    {"", NODE_NULL, 0},         {"~", NODE_NULL, 0},        {"null", NODE_NULL, 0},
    {"Null", NODE_NULL, 0},     {"NULL", NODE_NULL, 0},     {"true", NODE_BOOLEAN, 1},
    {"True", NODE_BOOLEAN, 1},  {"TRUE", NODE_BOOLEAN, 1},  {"false", NODE_BOOLEAN, 0},
    {"False", NODE_BOOLEAN, 0}, {"FALSE", NODE_BOOLEAN, 0},
};

// Booleans of YAML 1.1 that are strings to us.
static const char *const old_booleans[] = {"yes", "Yes", "YES", "no",  "No",  "NO",
                                           "on",  "On",  "ON",  "off", "Off", "OFF"};

static size_t skip_digits(const char *text, size_t at) {
    while (is_digit(text[at])) {
        at++;
    }
    return at;
}

static size_t skip_sign(const char *text) {
    return text[0] == '-' || text[0] == '+';
}

static bool is_integer(const char *text) {
    size_t start = skip_sign(text);
    size_t end = skip_digits(text, start);
    return end > start && !text[end];
}

static bool is_hexadecimal(const char *text) {
    return strncmp(text, "0x", 2) == 0 && text[2] &&
           strspn(text + 2, "0123456789abcdefABCDEF") == strlen(text + 2);
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
static bool is_real(const char *text) {
    size_t start = skip_sign(text);
    size_t at = skip_digits(text, start);
    size_t digits = at - start;
    if (text[at] == '.') {
        size_t fraction = skip_digits(text, at + 1);
        digits += fraction - at - 1;
        at = fraction;
    }
    if (digits && (text[at] == 'e' || text[at] == 'E')) {
        size_t exponent = at + 1 + skip_sign(text + at + 1);
        at = skip_digits(text, exponent);
        digits = at > exponent ? digits : 0;
    }
    return digits && !text[at];
}

static bool is_infinite(const char *text) {
    static const char *const forms[] = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"};
    const char *rest = text + skip_sign(text);
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (strcmp(rest, forms[i]) == 0) {
            return true;
        }
    }
    return false;
}

// 1:30 is ninety, 0b1 is one, 1_000 a thousand, and 2001-01-01 a date in YAML 1.1.
static bool is_old_number(const char *text) {
    const char *rest = text + skip_sign(text);
    bool digits_first = is_digit(rest[0]);
    bool octal = rest[0] == '0' && is_digit(rest[1]) && is_integer(text);
    bool binary = strncmp(rest, "0b", 2) == 0 && strspn(rest + 2, "01_") == strlen(rest + 2);
    bool marks = strpbrk(rest, ":_") && strspn(rest, "0123456789:_.") == strlen(rest);
    bool date = strspn(rest, "0123456789") == 4 && rest[4] == '-' && is_digit(rest[5]);
    return digits_first && (octal || binary || marks || date);
}

static bool is_odd(const char *text) {
    for (size_t i = 0; i < COUNT_OF(old_booleans); i++) {
        if (strcmp(text, old_booleans[i]) == 0) {
            return true;
        }
    }
    return is_old_number(text);
}

static void set_integer(struct node *node, const char *text, int base) {
    errno = 0;
    long long value = strtoll(text, NULL, base);
    node->type = errno ? NODE_OTHER : NODE_INTEGER;
    node->integer = errno ? 0 : value;
}

static void set_real(struct node *node, const char *text) {
    node->type = text_to_real(text, &node->real) ? NODE_REAL : NODE_OTHER; // out of range
}

// Whether a scalar that begins so can be anything but a string, or odd; most begin otherwise.
static bool may_be_typed(char first) {
    return !first || is_digit(first) || strchr("+-.~ntfyoNTFYO", first);
}

void yaml_type_scalar(struct node *node, const char *text) {
    node->string = text;
    node->type = NODE_STRING;
    if (!may_be_typed(text[0])) {
        return;
    }
    node->odd = is_odd(text);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strcmp(text, words[i].text) == 0) {
            node->type = words[i].type;
            node->integer = words[i].integer;
            return;
        }
    }
    if (is_integer(text) || is_hexadecimal(text)) {
        set_integer(node, text, is_integer(text) ? 10 : 16);
    } else if (is_infinite(text)) {
        node->type = NODE_OTHER;
    } else if (is_real(text)) {
        set_real(node, text);
    }
}
