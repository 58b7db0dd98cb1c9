// SPDX-License-Identifier: MIT
// Runs a program of regex_read.c over a text: the set of instructions that may come next moves on character by
// character (Thompson's way), so nothing is ever tried twice at one place.
//
//     a|ab over "xab"     at x {a, a}      at a {a, a, end, b}: the end is reached
//
// A match may begin at each character, so the program's start joins the set at each.
#include "schema/json_schema/regex_program.h"

#include <string.h>

// The instructions that wait for a character.
struct waiting {
    uint16_t items[REGEX_INSTRUCTIONS];
    size_t count;
};

struct regex_room {
    struct waiting sets[2];
    uint16_t stack[REGEX_INSTRUCTIONS];
    uint32_t seen[REGEX_INSTRUCTIONS]; // the round in which an instruction was reached last
    uint32_t round;
};

// A place between two characters of the text.
struct gap {
    bool is_begin;
    bool is_end;
    bool is_boundary; // \b
};

struct regex_room *regex_room_new(struct arena *arena) {
    return arena_alloc(arena, sizeof(struct regex_room));
}

bool character_set_has(const struct character_set *set, uint32_t character) {
    for (size_t i = 0; i < set->range_count; i++) {
        if (set->ranges[i].first <= character && character <= set->ranges[i].last) {
            return !set->is_negated;
        }
    }
    return set->is_negated;
}

static bool is_open(const struct regex_instruction *instruction, const struct gap *gap) {
    switch (instruction->operation) {
    case REGEX_BEGIN:
        return gap->is_begin;
    case REGEX_END:
        return gap->is_end;
    case REGEX_BOUNDARY:
        return gap->is_boundary;
    case REGEX_INSIDE:
        return !gap->is_boundary;
    default:
        return true;
    }
}

// Puts an instruction on the stack unless it was reached in this round.
static void push(struct regex_room *room, size_t *height, uint16_t at) {
    if (room->seen[at] != room->round) {
        room->seen[at] = room->round;
        room->stack[(*height)++] = at;
    }
}

// Follows what needs no character from `start`, and adds to `set` what needs one. True when the end is reached.
static bool reach(const struct regex *regex, struct regex_room *room, uint16_t start,
                  const struct gap *gap, struct waiting *set) {
    size_t height = 0;
    push(room, &height, start);
    while (height) {
        uint16_t at = room->stack[--height];
        const struct regex_instruction *instruction = &regex->instructions[at];
        if (instruction->operation == REGEX_MATCH) {
            return true;
        }
        if (instruction->operation == REGEX_SET) {
            set->items[set->count++] = at;
            continue;
        }
        if (is_open(instruction, gap)) {
            push(room, &height, instruction->next);
        }
        if (instruction->operation == REGEX_SPLIT) {
            push(room, &height, instruction->other);
        }
    }
    return false;
}

// The rounds of two matches never meet, and `seen` is cleared when the counter begins anew.
static void begin_round(struct regex_room *room) {
    if (++room->round == 0) {
        memset(room->seen, 0, sizeof room->seen);
        room->round = 1;
    }
}

static bool is_word(uint32_t character) {
    return character_set_has(&regex_word_characters, character);
}

static bool spend(size_t *steps, size_t count) {
    *steps = *steps > count ? *steps - count : 0;
    return *steps > 0;
}

bool regex_matches(const struct regex *regex, struct text text, struct regex_room *room,
                   size_t *steps) {
    struct text rest = text;
    struct waiting *now = &room->sets[0];
    struct waiting *next = &room->sets[1];
    bool after_word = false;
    bool is_begin = true;
    now->count = 0;
    begin_round(room);
    for (;;) {
        bool is_end = !rest.len;
        uint32_t character = is_end ? 0 : utf8_next(&rest);
        bool before_word = !is_end && is_word(character);
        struct gap gap = {is_begin, is_end, after_word != before_word};
        // what took the character before stands in `now` as the places behind it; they open here
        next->count = 0;
        for (size_t i = 0; i < now->count; i++) {
            if (reach(regex, room, now->items[i], &gap, next)) {
                return true;
            }
        }
        if ((is_begin || !regex->is_anchored) && reach(regex, room, regex->start, &gap, next)) {
            return true;
        }
        if (is_end || (regex->is_anchored && !next->count) || !spend(steps, next->count + 1)) {
            return false;
        }
        now->count = 0;
        for (size_t i = 0; i < next->count; i++) {
            const struct regex_instruction *instruction = &regex->instructions[next->items[i]];
            if (character_set_has(instruction->set, character)) {
                now->items[now->count++] = instruction->next;
            }
        }
        begin_round(room);
        after_word = before_word;
        is_begin = false;
    }
}
