// SPDX-License-Identifier: MIT
// Quoting of toml_text.h. Everything that is not plain is escaped by its code point.
#include "client/cli/console/toml_text.h"

#include "client/fs/printable.h"
#include "schema/base/text.h"

#include <stdio.h>
#include <string.h>

enum { ESCAPE_BYTES = 7 }; // "\u202e" and its NUL, the longest that one byte becomes

static bool is_bare(const char *key) {
    const char *p = key;
    while (is_alnum(*p) || *p == '_' || *p == '-') {
        p++;
    }
    return *key && !*p;
}

const char *toml_key(struct arena *arena, const char *key) {
    return is_bare(key) ? arena_strdup(arena, key) : toml_string(arena, key);
}

const char *toml_string(struct arena *arena, const char *string) {
    const char *text = printable_utf8(arena, string);
    size_t len = text ? strlen(text) : 0;
    char *result = text ? arena_array(arena, len + 1, ESCAPE_BYTES) : NULL;
    char *out = result;
    if (!out) {
        return NULL;
    }
    *out++ = '"';
    for (size_t at = 0, step; at < len; at += step) {
        uint32_t code = 0;
        step = printable_character(text + at, len - at, &code);
        if (printable_steers_terminal(code)) {
            out += snprintf(out, ESCAPE_BYTES, "\\u%04x", code);
            continue;
        }
        if (code == '"' || code == '\\') {
            *out++ = '\\';
        }
        memcpy(out, text + at, step);
        out += step;
    }
    *out = '"';
    return result;
}
