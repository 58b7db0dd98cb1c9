// SPDX-License-Identifier: MIT
// Plain versions are numbers with points, the same as PEP 440 compares them: 1.2 equals 1.2.0, and no pre-release,
// post-release or local part makes an operator mean something else. All that is not plain is for the parser.
#include "registryd/candidates/plain_requirement.h"

#include "schema/base/limits.h"
#include "schema/base/text.h"

#include <stddef.h>

enum { DIGITS_MAX = 9, NUMBERS_MAX = 6, CLAUSES_MAX = 8, KEY_NUMBERS = 3 };

static const char *skip_name(const char *text) {
    const char *c = text;
    while (is_alnum(*c) || *c == '-' || *c == '_' || *c == '.') {
        c++;
    }
    return c;
}

// Behind the operator of a clause, or NULL. "===", "~=" and a ">" before "=" do not go through as shorter ones:
// what follows must be a digit.
static const char *skip_operator(const char *clause) {
    bool has_equals = clause[0] && clause[1] == '=';
    bool is_order = clause[0] == '<' || clause[0] == '>';
    bool is_good = is_order || (has_equals && (clause[0] == '=' || clause[0] == '!'));
    return is_good ? clause + 1 + has_equals : NULL;
}

// Behind a plain version, or NULL.
static const char *skip_version(const char *version) {
    const char *c = version;
    for (int numbers = 0; numbers < NUMBERS_MAX; numbers++) {
        const char *first = c;
        while (is_digit(*c)) {
            c++;
        }
        if (c == first || c - first > DIGITS_MAX) {
            return NULL;
        }
        if (*c != '.') {
            return c;
        }
        c++;
    }
    return NULL;
}

const char *plain_find_clauses(const char *requirement) {
    const char *clauses = skip_name(requirement);
    if (clauses == requirement || clauses - requirement > LIMIT_NAME_BYTES ||
        !is_alnum(requirement[0]) || !is_alnum(clauses[-1])) {
        return NULL;
    }
    const char *c = clauses;
    for (int count = 0; *c && count < CLAUSES_MAX; count++) {
        const char *version = skip_operator(c);
        c = version ? skip_version(version) : NULL;
        if (!c || (*c && (*c != ',' || !c[1]))) {
            return NULL;
        }
        c += *c == ',';
    }
    return *c ? NULL : clauses;
}

// The next number of a plain version, 0 behind its end; moves *at behind it and its point.
static uint32_t next_number(const char **at) {
    uint32_t number = 0;
    const char *c = *at;
    for (; is_digit(*c); c++) {
        number = 10 * number + (uint32_t)(*c - '0');
    }
    *at = c + (*c == '.');
    return number;
}

// Less, equal or greater than 0, as the version is than that of the clause at *clause, which moves behind it.
static int compare(const char *version, const char **clause) {
    int order = 0;
    while (is_digit(*version) || is_digit(**clause)) {
        uint32_t left = next_number(&version);
        uint32_t right = next_number(clause);
        if (!order && left != right) {
            order = left < right ? -1 : 1;
        }
    }
    return order;
}

static bool accepts(char first, bool has_equals, int order) {
    switch (first) {
    case '<':
        return order < 0 || (!order && has_equals);
    case '>':
        return order > 0 || (!order && has_equals);
    case '!':
        return order;
    default:
        return !order;
    }
}

enum plain_verdict plain_judge(const char *clauses, const char *version) {
    const char *end = skip_version(version);
    if (!end || *end) {
        return PLAIN_UNKNOWN;
    }
    bool is_good = true;
    while (*clauses && is_good) {
        char first = *clauses;
        bool has_equals = clauses[1] == '=';
        clauses += 1 + has_equals;
        is_good = accepts(first, has_equals, compare(version, &clauses));
        clauses += *clauses == ',';
    }
    return is_good ? PLAIN_ACCEPTS : PLAIN_REFUSES;
}

// ---- keys and ranges ----

// The key of the plain version at *at, which moves behind it; 0 when it has none, and *at may be anywhere then.
static uint32_t next_key(const char **at) {
    static const struct {
        uint32_t max;
        int shift;
    } places[KEY_NUMBERS] = {{2046, 21}, {2047, 10}, {1023, 0}};
    uint32_t key = 1;
    const char *c = *at;
    for (int i = 0; i < KEY_NUMBERS; i++) {
        uint32_t number = 0;
        const char *first = c;
        for (; is_digit(*c) && number <= places[i].max; c++) {
            number = 10 * number + (uint32_t)(*c - '0');
        }
        if (c == first || number > places[i].max) {
            return 0;
        }
        key += number << places[i].shift;
        if (*c != '.') {
            *at = c;
            return key;
        }
        c++;
    }
    return 0;
}

uint32_t plain_key(const char *version) {
    uint32_t key = next_key(&version);
    return *version ? 0 : key;
}

// False: the clause is no range of keys.
static bool narrow(struct plain_range *range, char first, bool has_equals, uint32_t bound) {
    if (!bound || first == '!') {
        return false;
    }
    uint32_t low = first == '<' ? 0 : bound + (first == '>' && !has_equals);
    uint32_t high = first == '>' ? UINT32_MAX : bound - (first == '<' && !has_equals);
    range->low = low > range->low ? low : range->low;
    range->high = high < range->high ? high : range->high;
    return true;
}

struct plain_range plain_find_range(const char *requirement) {
    const char *clauses = plain_find_clauses(requirement);
    struct plain_range range = {0, UINT32_MAX};
    bool is_range = clauses;
    while (is_range && *clauses) {
        char first = *clauses;
        bool has_equals = clauses[1] == '=';
        clauses += 1 + has_equals;
        is_range = narrow(&range, first, has_equals, next_key(&clauses));
        clauses += *clauses == ',';
    }
    bool is_good = is_range && range.low <= range.high;
    return is_good ? range : (struct plain_range){1, 0};
}
