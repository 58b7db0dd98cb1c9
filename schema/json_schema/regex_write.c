// SPDX-License-Identifier: MIT
// Writes the tree of an expression as a program, from its end to its beginning, so that each instruction knows where
// to go on.
//
//     a(b|c)*    sequence: a, repeat(choice: b, c)
//     5: a -> 1      1: split -> 4, 0      4: split -> 3, 2      3: b -> 1      2: c -> 1      0: match
//
// Every {n,m} is written out as often as it says; the limit on instructions bounds time and memory.
#include "schema/json_schema/regex_program.h"

#include "schema/base/list.h"

// The program while it is written.
struct regex_writer {
    struct arena *arena;
    struct regex_instruction *instructions; // arena
    size_t count;
    size_t capacity;
    bool is_full; // the limit is reached
    bool no_memory;
};

static uint16_t write_instruction(struct regex_writer *writer,
                                  struct regex_instruction instruction) {
    struct regex_instruction *grown = NULL;
    if (writer->count < REGEX_INSTRUCTIONS) {
        grown = list_grow(writer->arena, writer->instructions, writer->count, &writer->capacity,
                          sizeof *grown);
        writer->no_memory = writer->no_memory || !grown;
    }
    if (!grown) {
        writer->is_full = true;
        return 0;
    }
    writer->instructions = grown;
    writer->instructions[writer->count] = instruction;
    return (uint16_t)writer->count++;
}

static uint16_t write_tree(struct regex_writer *writer, const struct regex_tree *tree,
                           uint16_t next);

// The item `least` times, then as often as it may stand besides, each time with a way past it.
static uint16_t write_repeat(struct regex_writer *writer, const struct regex_tree *tree,
                             uint16_t next) {
    uint16_t at = next;
    if (tree->most == REGEX_UNBOUNDED) {
        at = write_instruction(writer, (struct regex_instruction){REGEX_SPLIT, next, next, NULL});
        uint16_t body = write_tree(writer, tree->items, at);
        if (!writer->is_full) {
            writer->instructions[at].next = body;
        }
    } else {
        for (uint16_t i = tree->least; i < tree->most && !writer->is_full; i++) {
            uint16_t body = write_tree(writer, tree->items, at);
            at = write_instruction(writer,
                                   (struct regex_instruction){REGEX_SPLIT, body, next, NULL});
        }
    }
    for (uint16_t i = 0; i < tree->least && !writer->is_full; i++) {
        uint16_t body = write_tree(writer, tree->items, at);
        if (body == at) {
            break; // an empty item stays empty, however often it stands
        }
        at = body;
    }
    return at;
}

static uint16_t write_sequence(struct regex_writer *writer, const struct regex_tree *tree,
                               uint16_t next) {
    for (const struct regex_tree *item = tree->items; item && !writer->is_full;
         item = item->before) {
        next = write_tree(writer, item, next);
    }
    return next;
}

static uint16_t write_choice(struct regex_writer *writer, const struct regex_tree *tree,
                             uint16_t next) {
    uint16_t at = write_tree(writer, tree->items, next);
    for (const struct regex_tree *item = tree->items->before; item && !writer->is_full;
         item = item->before) {
        uint16_t way = write_tree(writer, item, next);
        at = write_instruction(writer, (struct regex_instruction){REGEX_SPLIT, way, at, NULL});
    }
    return at;
}

// Writes a part that goes on at `next`, and returns where it begins. Once the program is full, what is returned
// means nothing.
static uint16_t write_tree(struct regex_writer *writer, const struct regex_tree *tree,
                           uint16_t next) {
    switch (tree->kind) {
    case TREE_SEQUENCE:
        return write_sequence(writer, tree, next);
    case TREE_CHOICE:
        return write_choice(writer, tree, next);
    case TREE_REPEAT:
        return write_repeat(writer, tree, next);
    case TREE_SET:
        return write_instruction(writer,
                                 (struct regex_instruction){REGEX_SET, next, next, &tree->set});
    case TREE_PLACE:
        break;
    }
    return write_instruction(writer, (struct regex_instruction){tree->place, next, next, NULL});
}

enum status regex_write(struct arena *arena, const struct regex_tree *tree,
                        struct regex **ret_regex, struct error *err) {
    struct regex *regex = arena_alloc(arena, sizeof *regex);
    struct regex_writer writer = {.arena = arena};
    if (!regex) {
        return fail_no_memory(err);
    }
    uint16_t end = write_instruction(&writer, (struct regex_instruction){.operation = REGEX_MATCH});
    regex->start = write_tree(&writer, tree, end);
    if (writer.no_memory) {
        return fail_no_memory(err);
    }
    if (writer.is_full) {
        return fail(err, STATUS_INVALID, NULL,
                    "The pattern is too large with its repetitions written out");
    }
    regex->instructions = writer.instructions;
    regex->count = writer.count;
    regex->is_anchored = regex->instructions[regex->start].operation == REGEX_BEGIN;
    *ret_regex = regex;
    return STATUS_OK;
}
