// SPDX-License-Identifier: MIT
// What the three parts of the engine hand on: regex_read.c makes a tree, regex_write.c a program of it, and
// regex_match.c runs the program. For these three only.
#pragma once

#include "schema/json_schema/regex.h"

// Characters from first to last.
struct regex_range {
    uint32_t first; // code point
    uint32_t last;  // included
};

struct character_set {
    const struct regex_range *ranges; // arena or static
    size_t range_count;
    bool is_negated; // all other characters
};

enum regex_operation {
    REGEX_SET,      // take one character of the set, go on at `next`
    REGEX_SPLIT,    // go on at `next` and at `other`
    REGEX_BEGIN,    // only at the beginning of the text
    REGEX_END,      // only at its end
    REGEX_BOUNDARY, // \b: between a word's character and another
    REGEX_INSIDE,   // \B: anywhere else
    REGEX_MATCH,
};

struct regex_instruction {
    enum regex_operation operation;
    uint16_t next;
    uint16_t other;
    const struct character_set *set;
};

struct regex {
    const struct regex_instruction *instructions; // arena
    size_t count;
    uint16_t start;
    bool is_anchored; // every match begins where the text does
};

enum regex_tree_kind { TREE_SEQUENCE, TREE_CHOICE, TREE_REPEAT, TREE_SET, TREE_PLACE };

enum { REGEX_UNBOUNDED = UINT16_MAX };

// A part of the expression. Sequences and choices hold their items as a list from the last to the first.
struct regex_tree {
    enum regex_tree_kind kind;
    struct regex_tree *items;   // SEQUENCE, CHOICE: the last; REPEAT: the only one
    struct regex_tree *before;  // the item of the same list that stands before this one
    struct character_set set;   // SET
    enum regex_operation place; // PLACE: BEGIN, END, BOUNDARY, INSIDE
    uint16_t least;             // REPEAT
    uint16_t most;              // REPEAT: or REGEX_UNBOUNDED
};

// Writes the program of a tree. Fails with: INVALID (too large), NO_MEMORY.
enum status regex_write(struct arena *arena, const struct regex_tree *tree,
                        struct regex **ret_regex, struct error *err);

// \w, which \b asks for too.
extern const struct character_set regex_word_characters;

bool character_set_has(const struct character_set *set, uint32_t character);
