// SPDX-License-Identifier: MIT
// The few helpers around jansson that every codec shares: parsing under our limits, the canonical
// text, JSON pointers. Pure functions, callable from any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/cleanup.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

#include <jansson.h>

CLEANUP_DEFINE(json_t *, cleanup_json, json_decref)

// Parses JSON text of any type: UTF-8 without NUL, no duplicate keys, nested at most LIMIT_JSON_DEPTH
// deep, at most `max_bytes` and LIMIT_JSON_VALUES values. Owned. `where` of an error is "line 3, column 7".
// Fails with: TOO_LARGE, MALFORMED, NO_MEMORY.
enum status json_parse(struct text text, size_t max_bytes, json_t **ret_json, struct error *err);

// About how much memory the parsed text will take: up to a hundred times its length.
size_t json_parsed_bytes(struct text text);

// The canonical text: keys sorted, no white space, UTF-8 unescaped. Arena; NULL when out of memory.
// Digests and entity tags are computed over this text: equal values must give equal bytes.
const char *json_encode_canonical(struct arena *arena, const json_t *json);

// Appends a JSON string. False when the bytes are not UTF-8.
bool json_write_string(struct buffer *buffer, const char *string, size_t len);

// Appends compact JSON text, keys in the order of the document or sorted. False as above, or when a
// value cannot be written.
bool json_write(struct buffer *buffer, const json_t *json, bool sorted);

// A JSON string, null for NULL. Bytes that are not UTF-8 (a file name can be anything) become '?', so
// that one odd name does not spoil a whole answer. Owned; NULL when out of memory.
json_t *json_text(const char *string);

// How deep arrays and objects nest: 0 for a scalar, 1 for [] and {}.
size_t json_depth(const json_t *json);

// The pointer `parent`/`key` (RFC 6901, escaped). Arena; `parent` itself when out of memory.
// json_pointer(arena, "/project_urls", "a/b") is "/project_urls/a~1b".
const char *json_pointer(struct arena *arena, const char *parent, const char *key);
const char *json_pointer_index(struct arena *arena, const char *parent, size_t index);

// The key that a part of a pointer names, unescaped. Arena; NULL when out of memory.
const char *json_pointer_key(struct arena *arena, struct text part);
// Moves *pointer past its next part and writes that part, unescaped, which needs room for the whole pointer. False at the end.
bool json_pointer_next(const char **pointer, char *ret_key);
// Whether a part of a pointer, as it is written there ("a~1b"), names this key ("a/b").
bool json_pointer_names(struct text part, const char *key);
// The index of an item that a part names; SIZE_MAX when it names none.
size_t json_pointer_item(struct text part);

// What a person calls the type of a value: "a string", "an object", "null". Static.
const char *json_type_name(const json_t *json);
