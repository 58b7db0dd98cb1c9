// SPDX-License-Identifier: MIT
// How the readers tell what they find: with the file, the line and the key, taken from the tree.
// Internal to the readers.
#pragma once

#include "schema/readers/core/node.h"
#include "schema/readers/core/reader.h"

struct reader {
    struct arena *arena;
    struct findings *findings;
    const char *path; // of the file, as findings name it
};

// Refuses a file over `max_bytes`, with a NUL byte, or not UTF-8, before any parser sees it; `where`
// is file:line. Fails with: MALFORMED.
enum status reader_check_bytes(const struct source_file *file, size_t max_bytes, struct error *err);

// The text cannot be read as its format: MALFORMED with file:line.
enum status reader_fail(const struct source_file *file, size_t line, struct error *err,
                        const char *format, ...) __attribute__((format(printf, 4, 5)));

// "crm/plugin.yaml:3: nav[0].label"; `key` (may be NULL) is a member that is not there.
const char *reader_where(struct reader *reader, const struct node *node, const char *key);

void reader_add(struct reader *reader, const char *code, const struct node *node, const char *hint,
                const char *format, ...) __attribute__((format(printf, 5, 6)));
void reader_add_warning(struct reader *reader, const char *code, const struct node *node,
                        const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

// An error about a member of an archive, or (member NULL) about the archive itself; false, so that a
// check can end with it.
bool reader_add_member(struct reader *reader, const char *code, const char *member,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));

// A member that must be there and is not.
void reader_add_missing(struct reader *reader, const char *code, const struct node *table,
                        const char *key, const char *hint);

// What a callee said about a node. Running out of memory is remembered as such.
void reader_add_error(struct reader *reader, const char *code, const struct node *node,
                      const struct error *err);

// The warning "toml-1-1" when the tree was read from TOML 1.1.
void reader_warn_of_toml(struct reader *reader, const struct node *root);

// Whether all of the tree can be said in JSON; else an error "not-json" for the first value that cannot.
bool reader_is_json(struct reader *reader, const struct node *root);

// Whether the node has the type; else an error "wrong-type".
bool reader_is(struct reader *reader, const struct node *node, enum node_type type);

// Whether the node is a list of strings; each item that is not is an error. False when it is no list
// or an item is wrong.
bool reader_is_strings(struct reader *reader, const struct node *node);

// Whether the node is a string of one line within LIMIT_SHORT_TEXT_BYTES; else an error.
bool reader_is_line(struct reader *reader, const struct node *node);

// Whether a list of any kind keeps LIMIT_LIST_ITEMS.
bool reader_is_short(struct reader *reader, const struct node *list);

// Whether the string is a relative path that stays inside its directory; else "path-invalid".
bool reader_is_inside(struct reader *reader, const struct node *node);

// A copy of a list of strings; items of another type are passed over.
struct strings reader_strings(struct reader *reader, const struct node *node);

// An array in the arena, or NULL remembered as out of memory.
void *reader_array(struct reader *reader, size_t count, size_t size);
