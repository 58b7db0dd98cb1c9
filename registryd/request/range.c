// SPDX-License-Identifier: MIT
// "bytes=FIRST-LAST", "bytes=FIRST-" and "bytes=-COUNT". Numbers too large to count are large, not
// wrong.
#include "registryd/request/range.h"

#include "schema/base/text.h"

#include <strings.h>

// The number at *at, at most INT64_MAX / 16; -1 when there is none. Moves *at past it.
static int64_t take_number(const char **at) {
    int64_t number = is_digit(**at) ? 0 : -1;
    for (; is_digit(**at); ++*at) {
        if (number < INT64_MAX / 256) {
            number = number * 10 + (**at - '0');
        }
    }
    return number;
}

struct range range_parse(const char *header, int64_t size) {
    static const char unit[] = "bytes=";
    // What is not understood is answered whole, as RFC 9110 (14.2) wants: a range is a wish.
    const struct range whole = {.kind = RANGE_WHOLE, .last = size - 1};
    if (!header || strncasecmp(header, unit, sizeof unit - 1) != 0) {
        return whole;
    }
    const char *at = header + sizeof unit - 1;
    int64_t first = take_number(&at);
    if (*at++ != '-') {
        return whole;
    }
    int64_t last = take_number(&at);
    bool is_backwards = first >= 0 && last >= 0 && last < first;
    if (*at || (first < 0 && last < 0) || is_backwards) {
        return whole;
    }
    if (first < 0) { // the last so many bytes
        first = last < size ? size - last : 0;
        last = size - 1;
    } else if (last < 0) {
        last = size - 1;
    }
    if (first >= size) {
        return (struct range){.kind = RANGE_UNSATISFIABLE, .last = size - 1};
    }
    // A last byte beyond the end means "up to the end".
    return (struct range){RANGE_PART, first, last < size ? last : size - 1};
}
