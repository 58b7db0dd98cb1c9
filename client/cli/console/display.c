// SPDX-License-Identifier: MIT
// Widths by libutf8proc (display.h). This is the only file that names the library. It follows the East
// Asian Width of Unicode and needs no locale, in contrast to wcwidth(3), which knows no wide character
// until a program calls setlocale.
#include "client/cli/console/display.h"

#include "client/fs/printable.h"
#include "schema/base/cleanup.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

// The width of the next character, whose length in bytes is *ret_len. A byte that is no UTF-8 takes a
// column: the callers print text that is well-formed, so this only keeps the loop moving.
static size_t next_width(const char *ptr, size_t len, size_t *ret_len) {
    utf8proc_int32_t code = 0;
    utf8proc_ssize_t used =
        utf8proc_iterate((const utf8proc_uint8_t *)ptr, (utf8proc_ssize_t)len, &code);
    *ret_len = used > 0 ? (size_t)used : 1;
    return used > 0 ? (size_t)utf8proc_charwidth(code) : 1;
}

size_t display_width_of(struct text text) {
    size_t width = 0;
    for (size_t at = 0, len; at < text.len; at += len) {
        width += next_width(text.ptr + at, text.len - at, &len);
    }
    return width;
}

size_t display_width(const char *text) {
    return display_width_of(text_from(text));
}

// Cuts between characters and counts columns: CJK characters take two, combining ones none.
const char *display_cut(struct arena *arena, const char *text, size_t columns) {
    struct text whole = text_from(text);
    if (display_width_of(whole) <= columns) {
        return text;
    }
    size_t end = 0;
    size_t width = 0;
    for (size_t len = 0; end < whole.len; end += len) {
        width += next_width(text + end, whole.len - end, &len);
        if (width + 1 > columns) {
            break;
        }
    }
    return arena_printf(arena, "%.*s\xe2\x80\xa6", (int)end, text);
}

const char *display_ascii(struct arena *arena, const char *text) {
    enum { ELLIPSIS = 0x2026 };
    scoped(buffer_done) struct buffer ascii;
    size_t len = strlen(text);
    buffer_init(&ascii, SIZE_MAX);
    for (size_t at = 0, step; at < len; at += step) {
        uint32_t code = 0;
        step = printable_character(text + at, len - at, &code);
        if (step <= 1) {
            step = 1;
            buffer_add(&ascii, (unsigned char)text[at] < 0x80 ? text + at : "?", 1);
        } else if (code == ELLIPSIS) {
            buffer_add(&ascii, "~", 1);
        } else {
            buffer_printf(&ascii, code > 0xffff ? "\\U%08x" : "\\u%04x", code);
        }
    }
    return ascii.failed ? NULL : arena_copy(arena, ascii.ptr ? ascii.ptr : "", ascii.len);
}
