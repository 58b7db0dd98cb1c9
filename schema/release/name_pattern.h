// SPDX-License-Identifier: MIT
// Patterns for names: the part of regular expressions that means the same in every language and can be
// matched in one pass over the name, whatever the pattern. A pattern matches whole names. It has
//   characters, `.` (any character), classes `[a-z0-9_]` and `[^…]`, `\` before a character that
//   would mean something else; behind any of these `?`, `*` or `+`; and `|` between alternatives.
// `^` and `$` may stand at the ends of an alternative, and change nothing. There are no parentheses, no
// `{2,3}`, and no letters behind `\`. Matching tries all ways at once, so its time is at most
// the length of the name times that of the pattern. Pure; any thread.
#pragma once

#include "schema/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NAME_PATTERN_BYTES = 200,                // with the NUL
    NAME_PATTERN_ITEMS = NAME_PATTERN_BYTES, // no character makes more than one: `a+` is `aa*`
};

// Characters from first to last.
struct pattern_range {
    uint32_t first; // code point
    uint32_t last;  // included
};

// One step of the way through a name, or the end of an alternative.
struct pattern_item {
    uint16_t range; // the first of its ranges
    uint16_t range_count;
    bool is_negated;  // [^…]
    bool is_optional; // may be left out
    bool repeats;     // may stand again
    bool is_end;      // the name must end here
};

// A pattern that was read. Plain data; no pointers.
struct name_pattern {
    struct pattern_item items[NAME_PATTERN_ITEMS];
    size_t item_count;
    struct pattern_range ranges[NAME_PATTERN_BYTES];
    size_t range_count;
};

// Fails with: INVALID (what is wrong, and at which character).
enum status name_pattern_parse(const char *text, struct name_pattern *ret_pattern,
                               struct error *err);

// Whether the pattern matches the whole of a name, which must be well-formed UTF-8.
bool name_pattern_matches(const struct name_pattern *pattern, const char *name);
