// SPDX-License-Identifier: MIT
// Making text fit for answers and terminals (printable.h). Most texts are fit already, so both functions look
// first and copy; only a text that is not is written anew. One escape is at most 8 bytes, so the result
// fits into 8 bytes for each byte of the input:
//
//     "a\x1b[31mb" -> "a\\x1b[31mb"        "caf\xe9" -> "caf\uFFFD"
#include "client/fs/printable.h"

#include "schema/base/text.h"

#include <stdio.h>
#include <string.h>

static const char replacement[] = "\xef\xbf\xbd";

enum { ESCAPE_BYTES = 8 }; // the longest that one byte or character becomes, with its NUL

// The length of the well-formed character at the start, or 0.
static size_t character_length(const char *text, size_t left) {
    for (size_t len = 1; len <= 4 && len <= left; len++) {
        if (utf8_is_valid(text, len)) {
            return len;
        }
    }
    return 0;
}

static uint32_t code_point(const char *text, size_t len) {
    static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (unsigned char)text[0] & first_bits[len];
    for (size_t i = 1; i < len; i++) {
        code = code << 6 | ((unsigned char)text[i] & 0x3f);
    }
    return code;
}

bool printable_steers_terminal(uint32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0x200e || code == 0x200f ||
           code == 0x061c || code == 0xfeff;
}

size_t printable_character(const char *text, size_t left, uint32_t *ret_code) {
    size_t len = character_length(text, left);
    *ret_code = len ? code_point(text, len) : 0;
    return len;
}

static size_t write_escape(char *out, uint32_t code) {
    if (code == '\n' || code == '\t' || code == '\r') {
        char letter = code == '\n' ? 'n' : code == '\t' ? 't' : 'r';
        return (size_t)snprintf(out, ESCAPE_BYTES, "\\%c", letter);
    }
    return (size_t)snprintf(out, ESCAPE_BYTES, code < 0x100 ? "\\x%02x" : "\\u%04x", code);
}

// The room is for the worst case, an escape for each byte.
static const char *rewrite(struct arena *arena, const char *text, bool one_line) {
    size_t len = strlen(text);
    char *result = arena_array(arena, len + 1, ESCAPE_BYTES);
    char *out = result;
    for (size_t at = 0, step; out && at < len; at += step) {
        uint32_t code = 0;
        step = printable_character(text + at, len - at, &code);
        if (!step) {
            step = 1;
            memcpy(out, replacement, sizeof replacement - 1);
            out += sizeof replacement - 1;
        } else if (one_line && printable_steers_terminal(code)) {
            out += write_escape(out, code);
        } else {
            memcpy(out, text + at, step);
            out += step;
        }
    }
    return result;
}

const char *printable_utf8(struct arena *arena, const char *text) {
    size_t len = strlen(text);
    return utf8_is_valid(text, len) ? arena_copy(arena, text, len) : rewrite(arena, text, false);
}

// Paths and texts of plugins reach terminals: an escape sequence in a name could rewrite the screen.
const char *printable_line(struct arena *arena, const char *text) {
    size_t len = strlen(text);
    bool clean = utf8_is_valid(text, len);
    for (size_t at = 0, step; clean && at < len; at += step) {
        uint32_t code = 0;
        step = printable_character(text + at, len - at, &code);
        clean = !printable_steers_terminal(code);
    }
    return clean ? arena_copy(arena, text, len) : rewrite(arena, text, true);
}
