// SPDX-License-Identifier: MIT
// Text in two forms: views into somebody else's bytes (parsers), and a growing buffer (writers).
// ASCII-only character tests that no locale can change.
#pragma once

#include "schema/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// A view: borrowed from what it points into, not NUL-terminated.
struct text {
    const char *ptr; // borrowed; NULL: no text at all
    size_t len;      // bytes
};

struct strings {
    const char **items; // arena or static, as its owner says
    size_t count;
};

struct text text_from(const char *string); // NULL gives the empty view

// Here, so that comparing with a literal costs a few instructions.
static inline bool text_equals(struct text view, const char *string) {
    return strlen(string) == view.len && (!view.len || memcmp(view.ptr, string, view.len) == 0);
}

struct text text_trim(struct text view); // without ASCII white space at both ends

// The next piece of *rest up to `separator`; moves *rest past it. False when nothing is left.
bool text_split(struct text *rest, char separator, struct text *ret_piece);

// isalpha() and its relatives follow the locale of the process, and a negative char is undefined
// for them. These take any char.
static inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
static inline bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
static inline bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
static inline bool is_alpha(char c) {
    return is_upper(c) || is_lower(c);
}
static inline bool is_alnum(char c) {
    return is_alpha(c) || is_digit(c);
}
static inline bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline char to_lower(char c) {
    return is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

// C0 control characters and DEL. (C1 controls are two bytes of UTF-8: text_make_printable knows them.)
static inline bool is_control(char c) {
    return (unsigned char)c < 0x20 || c == 0x7f;
}

bool text_ends_with(struct text view, const char *ending);
bool text_equals_nocase(struct text view, const char *string); // ASCII letters only

// A decimal number ("1.5", ".5", "1e9") as the C locale reads it. strtod() follows the locale of the process,
// and a library is a guest in its process. False when the text is anything else, or out of range.
bool text_to_real(const char *string, double *ret_value);

// The number of Unicode characters in well-formed UTF-8.
size_t count_characters(struct text view);

// True when the bytes are well-formed UTF-8 (Unicode 15, table 3-7: no surrogates, no overlong
// forms). A NUL byte counts as well-formed; ask text_has_nul too where C strings follow.
bool utf8_is_valid(const void *bytes, size_t len);
bool text_has_nul(const void *bytes, size_t len);

// The first character of well-formed UTF-8 that is not empty; moves *rest behind it. The lengths of its sequences are
// believed.
uint32_t utf8_next(struct text *rest);

// Makes a string fit for a terminal, a log line and JSON, in place: every control character and every
// byte that is not part of well-formed UTF-8 becomes '?'. What people quote from bad input goes
// through this.
void text_make_printable(char *string);

// Bytes that grow on the heap up to `max_bytes`, always NUL-terminated after a successful call. Once
// a call failed, the buffer is `failed` and later calls do nothing: check once, at the end.
struct buffer {
    char *ptr;          // owned; NULL until the first byte
    size_t len;         // bytes written, without the NUL behind them
    size_t capacity;    // bytes allocated
    size_t max_bytes;   // a write that would go beyond fails with TOO_LARGE
    enum status failed; // STATUS_OK, STATUS_NO_MEMORY or STATUS_TOO_LARGE
};

// How a writer looks, with one check for all its steps:
//
//     scoped(buffer_done) struct buffer path;
//     buffer_init(&path, LIMIT_PATH_BYTES);
//     buffer_printf(&path, "/v1/changes?limit=%d", limit);
//     api_call_add_query(&path, "package", package);
//     if (path.failed) {
//         return fail(err, path.failed, NULL, "The query is too long.");
//     }
//
// buffer_init takes nothing from the heap; buffer_done gives back what the buffer took.
void buffer_init(struct buffer *buffer, size_t max_bytes);
void buffer_done(struct buffer *buffer);
void buffer_add(struct buffer *buffer, const void *bytes, size_t len);
void buffer_add_string(struct buffer *buffer, const char *string);

// The place of `len` more bytes, which the caller writes at once; they count as written. NULL when the buffer has
// failed.
char *buffer_extend(struct buffer *buffer, size_t len);

// Adds text so that HTML and XML show it as it is, between tags and in quoted attributes. What they forbid (control
// characters, U+FFFE and U+FFFF) becomes U+FFFD. NULL adds nothing.
void buffer_add_markup(struct buffer *buffer, struct text text);
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
