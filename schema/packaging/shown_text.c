// SPDX-License-Identifier: MIT
// Two tables of ranges. Texts from everywhere pass here (documents, pyproject.toml, METADATA), before
// they are stored; what is stored is shown as it is, so a character that is missing here reaches pages
// and terminals. Names get both tables: "ok" and "ok" with a zero-width joiner would be two entry points
// that look the same.
#include "schema/packaging/shown_text.h"

#include "schema/base/list.h"
#include "schema/packaging/identifier_ranges.h"
#include "schema/packaging/python_text.h"

// In no text: controls of the direction of writing, and what shows as nothing and joins nothing.
static const struct character_range deceiving[] = {
    {0x200b, 0x200b},   // zero-width space
    {0x202a, 0x202e},   // bidi embeddings and overrides
    {0x2060, 0x206f},   // word joiner, invisible operators, bidi isolates
    {0xfeff, 0xfeff},   // byte order mark
    {0xfff9, 0xfffb},   // interlinear annotation
    {0xe0000, 0xe007f}, // tags
};

// In no name, though text may need them.
static const struct character_range invisible_in_names[] = {
    {0xa0, 0xa0},       // no-break space
    {0xad, 0xad},       // soft hyphen
    {0x34f, 0x34f},     // combining grapheme joiner
    {0x61c, 0x61c},     // Arabic letter mark
    {0x115f, 0x1160},   // Hangul fillers
    {0x1680, 0x1680},   // a space
    {0x17b4, 0x17b5},   // Khmer vowels that do not show
    {0x180b, 0x180f},   // Mongolian variation selectors
    {0x2000, 0x200a},   // spaces
    {0x200c, 0x200f},   // joiners, directional marks
    {0x202f, 0x202f},   // a space
    {0x205f, 0x205f},   // a space
    {0x3000, 0x3000},   // a space
    {0x3164, 0x3164},   // Hangul filler
    {0xfe00, 0xfe0f},   // variation selectors
    {0xffa0, 0xffa0},   // Hangul filler
    {0xe0100, 0xe01ef}, // variation selectors
};

static bool is_in(const struct character_range *ranges, size_t count, uint32_t character) {
    for (size_t i = 0; i < count; i++) {
        if (ranges[i].first <= character && character <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

static bool is_control_character(uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

static enum shown_fault find_fault(struct text text, bool is_name) {
    while (text.len > 0) {
        uint32_t c = utf8_next(&text);
        if (is_control_character(c)) {
            return SHOWN_CONTROL;
        }
        if (c < 0xa0) { // nearly always
            continue;
        }
        if (is_in(deceiving, COUNT_OF(deceiving), c) ||
            (is_name && is_in(invisible_in_names, COUNT_OF(invisible_in_names), c))) {
            return SHOWN_INVISIBLE;
        }
    }
    return SHOWN_GOOD;
}

enum shown_fault shown_text_find_fault(struct text text) {
    return find_fault(text, false);
}

enum shown_fault shown_name_find_fault(struct text name) {
    return find_fault(name, true);
}
