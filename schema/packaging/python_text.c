// SPDX-License-Identifier: MIT
// The white space and line ends of Python's str as lists of UTF-8 sequences, and its identifiers. What
// is accepted here must be what Python accepts, neither more nor less: a name that only one of the two
// takes is an entry point that cannot be loaded, or one that is refused without need.
#include "schema/packaging/python_text.h"

#include "schema/base/list.h"
#include "schema/packaging/identifier_ranges.h"

#include <string.h>

// Beyond ASCII; str.isspace() of Python 3.11 and Unicode 15.
static const char *const wide_spaces[] = {
    "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
    "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
    "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
    "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
};

static const char *const wide_line_ends[] = {"\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9"};

// The length of the item of `list` that the bytes begin with, or 0.
static size_t match(const char *const *list, size_t count, const char *p, size_t left) {
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(list[i]);
        if (len <= left && memcmp(p, list[i], len) == 0) {
            return len;
        }
    }
    return 0;
}

static size_t space_length(const char *p, size_t left) {
    if ((unsigned char)p[0] < 0x80) {
        return is_space(p[0]) || (p[0] >= 0x1c && p[0] <= 0x1f);
    }
    return match(wide_spaces, COUNT_OF(wide_spaces), p, left);
}

// The length of the white-space character that ends before `end`, or 0.
static size_t space_length_before(const char *start, const char *end) {
    for (size_t len = 1; len <= 3 && len <= (size_t)(end - start); len++) {
        if (((unsigned char)end[-(ptrdiff_t)len] & 0xc0) != 0x80) {
            return space_length(end - len, len) == len ? len : 0;
        }
    }
    return 0;
}

struct text python_text_strip(struct text view) {
    size_t step;
    while (view.len > 0 && (step = space_length(view.ptr, view.len)) > 0) {
        view.ptr += step;
        view.len -= step;
    }
    while (view.len > 0 && (step = space_length_before(view.ptr, view.ptr + view.len)) > 0) {
        view.len -= step;
    }
    return view;
}

// str.splitlines also ends a line at \v, \f, the separators 1c to 1e and some wide characters.
static size_t line_end_length(const char *p, size_t left) {
    if (p[0] == '\r' && left > 1 && p[1] == '\n') {
        return 2;
    }
    if ((p[0] >= '\n' && p[0] <= '\r') || (p[0] >= 0x1c && p[0] <= 0x1e)) {
        return 1;
    }
    return match(wide_line_ends, COUNT_OF(wide_line_ends), p, left);
}

// The bytes that a line end may begin with: most are passed over by one look.
static const bool begins_line_end[256] = {
    ['\n' ... '\r'] = true, [0x1c ... 0x1e] = true, [0xc2] = true, [0xe2] = true};

bool python_text_split_line(struct text *rest, struct text *ret_line, bool *ret_unusual) {
    if (rest->len == 0) {
        return false;
    }
    size_t at = 0;
    size_t end = 0;
    while (at < rest->len) {
        bool may_end = begins_line_end[(unsigned char)rest->ptr[at]];
        end = may_end ? line_end_length(rest->ptr + at, rest->len - at) : 0;
        if (end) {
            break;
        }
        at++;
    }
    *ret_line = (struct text){rest->ptr, at};
    *ret_unusual = end > 0 && rest->ptr[at] != '\n' && rest->ptr[at] != '\r';
    rest->ptr += at + end;
    rest->len -= at + end;
    return true;
}

// ---- identifiers ----

static bool is_within(const struct character_ranges *ranges, uint32_t character) {
    size_t low = 0;
    size_t high = ranges->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct character_range *range = &ranges->items[middle];
        if (range->first <= character && character <= range->last) {
            return true;
        }
        *(range->last < character ? &low : &high) = range->last < character ? middle + 1 : middle;
    }
    return false;
}

// str.isidentifier. ASCII is decided without the tables, because names nearly always are ASCII.
bool python_text_is_identifier(struct text word) {
    bool good = word.len > 0 && !is_digit(word.ptr[0]);
    const char *start = word.ptr;
    while (good && word.len > 0) {
        bool first = word.ptr == start;
        if ((unsigned char)*word.ptr < 0x80) {
            good = is_alnum(*word.ptr) || *word.ptr == '_';
            word.ptr++;
            word.len--;
            continue;
        }
        good = is_within(first ? &identifier_starts : &identifier_parts, utf8_next(&word));
    }
    return good;
}

// keyword.iskeyword; "match" and "type" are soft keywords and may be names.
bool python_text_is_keyword(struct text word) {
    static const char *const keywords[] = {
        "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
        "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
        "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
        "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield",
    };
    enum { LONGEST = 8 };
    for (size_t i = 0; word.len && word.len <= LONGEST && i < COUNT_OF(keywords); i++) {
        if (keywords[i][0] == word.ptr[0] && text_equals(word, keywords[i])) {
            return true;
        }
    }
    return false;
}
