// SPDX-License-Identifier: MIT
// Regular expressions as JSON Schema's `pattern` has them (ECMA-262 with the flag `u`), without what cannot be matched
// in one pass: no look-around, no back references. Of classes by name there are \d \w \s and their opposites, but
// no \p{…}. A match may begin and end anywhere, unless `^` and `$` say otherwise.
//
// Matching follows all ways at once, so its work is at most the length of the text times that of the expression,
// also for a hostile one. Names of entry points have a smaller language (schema/release/name_pattern.h), which means the
// same in every host's language.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

#include <stdint.h>

enum {
    REGEX_BYTES = 4096,        // length of an expression, inclusive
    REGEX_INSTRUCTIONS = 2000, // with every {n,m} written out
    REGEX_GROUP_DEPTH = 32,    // parentheses within parentheses
};

struct regex; // read once, never changed: any thread may match with it

// What matching needs beside the expression; for one thread, for one expression after the other.
struct regex_room;

// Arena; NULL when out of memory.
struct regex_room *regex_room_new(struct arena *arena);

// Reads an expression. Fails with: INVALID (what is wrong, and at which character), NO_MEMORY.
enum status regex_read(struct arena *arena, struct text source, struct regex **ret_regex,
                       struct error *err);

// Whether the expression matches somewhere in a text of well-formed UTF-8. Each instruction tried at a character takes
// one of *steps; when none are left, the answer is false and *steps is 0.
bool regex_matches(const struct regex *regex, struct text text, struct regex_room *room,
                   size_t *steps);
