// SPDX-License-Identifier: MIT
// Widths by table (display.h). The ranges are those that terminals agree on; rarer scripts count one
// column a character, at worst a column is padded a little wrong.
#include "client/cli/console/display.h"

#include "schema/base/list.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct range {
    uint32_t first;
    uint32_t last;
};

static const struct range zero_width[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd},   {0x0610, 0x061a}, {0x064b, 0x065f},
    {0x0670, 0x0670}, {0x06d6, 0x06dc}, {0x0900, 0x0902},   {0x093c, 0x093c}, {0x0941, 0x0948},
    {0x094d, 0x094d}, {0x0e31, 0x0e31}, {0x0e34, 0x0e3a},   {0x0e47, 0x0e4e}, {0x1160, 0x11ff},
    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f},   {0x2060, 0x2064}, {0x20d0, 0x20ff},
    {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xe0100, 0xe01ef},
};

static const struct range double_width[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},
    {0x2614, 0x2615},   {0x2648, 0x2653},   {0x26a1, 0x26a1},   {0x2705, 0x2705},
    {0x270a, 0x270b},   {0x2728, 0x2728},   {0x274c, 0x274c},   {0x2753, 0x2757},
    {0x2795, 0x2797},   {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},   {0x2e80, 0x303e},
    {0x3041, 0x4dbf},   {0x4e00, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe10, 0xfe19},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
    {0xffe0, 0xffe6},   {0x16fe0, 0x18aff}, {0x1b000, 0x1b2ff}, {0x1f18e, 0x1f19a},
    {0x1f200, 0x1f320}, {0x1f32d, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff},
    {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

static bool is_in(uint32_t code, const struct range *ranges, size_t count) {
    for (size_t i = 0; i < count && ranges[i].first <= code; i++) {
        if (code <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

static size_t width_of(uint32_t code) {
    if (code < 0x300) {
        return 1;
    }
    if (is_in(code, zero_width, COUNT_OF(zero_width))) {
        return 0;
    }
    return is_in(code, double_width, COUNT_OF(double_width)) ? 2 : 1;
}

// The next character; moves *text past it. The text is well-formed.
static uint32_t next_character(const char **text) {
    const unsigned char *p = (const unsigned char *)*text;
    size_t len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    uint32_t code = len == 1 ? p[0] : p[0] & (0x7fu >> len);
    size_t i = 1;
    for (; i < len && p[i]; i++) {
        code = code << 6 | (p[i] & 0x3f);
    }
    *text += i;
    return code;
}

size_t display_width_of(struct text text) {
    const char *end = text.ptr + text.len;
    size_t width = 0;
    for (const char *next = text.ptr; next < end;) {
        width += width_of(next_character(&next));
    }
    return width;
}

size_t display_width(const char *text) {
    return display_width_of(text_from(text));
}

const char *display_cut(struct arena *arena, const char *text, size_t columns) {
    if (display_width(text) <= columns) {
        return text;
    }
    const char *end = text;
    size_t width = 0;
    for (const char *next = text; *next; end = next) {
        width += width_of(next_character(&next));
        if (width + 1 > columns) {
            break;
        }
    }
    return arena_printf(arena, "%.*s\xe2\x80\xa6", (int)(end - text), text);
}
