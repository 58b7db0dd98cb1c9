// SPDX-License-Identifier: MIT
// Finding the end of string literals (with the nested quotes of PEP 701) and decoding their
// escapes.
//
//     r"\d"          raw: the backslash stays
//     "\x41\u00e9"   escapes are decoded to UTF-8
//     f"{x!r:>{w}}"  ends at the quote outside braces; has no text value unless it has no fields
//     b"…"           has no text value
//
// A string has an end wherever Python sees one; whether it has a value is another question.
#include "schema/readers/python/python_token.h"

#include <string.h>

enum { FIELDS_MAX = 50 }; // nesting of replacement fields; CPython's limit is 150 tokens deep

static bool has_prefix(struct text prefix, char wanted) {
    for (size_t i = 0; i < prefix.len; i++) {
        if (to_lower(prefix.ptr[i]) == wanted) {
            return true;
        }
    }
    return false;
}

// One quote or three of them.
static bool at_quote(const char *at, const char *end, char quote, size_t width) {
    if ((size_t)(end - at) < width) {
        return false;
    }
    for (size_t i = 0; i < width; i++) {
        if (at[i] != quote) {
            return false;
        }
    }
    return true;
}

static size_t quote_width(const char *at, const char *end) {
    return at_quote(at, end, *at, 3) ? 3 : 1;
}

static void count_line(const char *at, const char *end, int *line) {
    if (*at == '\n' || (*at == '\r' && !(at + 1 < end && at[1] == '\n'))) {
        ++*line;
    }
}

struct literal {
    const char *end; // of the source
    char quote;
    size_t width;
    bool raw;  // r"…": backslashes stay
    int depth; // of replacement fields around
    int *line; // moves on with the line breaks of the text
};

static const char *text_end(const struct literal *literal, const char *at, bool formatted,
                            bool in_format_spec);

static bool is_formatted(struct text prefix) {
    return has_prefix(prefix, 'f') || has_prefix(prefix, 't');
}

// The prefix of the literal whose quote is at `quote`: letters of prefixes that do not end a name.
static struct text prefix_before(const char *quote) {
    const char *start = quote;
    while (quote - start < 3 && strchr("rRbBuUfFtT", start[-1])) {
        start--; // the outer literal's own quote stands further left
    }
    bool is_name = quote - start > 2 || is_alnum(start[-1]) || start[-1] == '_';
    return (struct text){is_name ? quote : start, is_name ? 0 : (size_t)(quote - start)};
}

// The end of a nested string inside a replacement field; `at` is at its quote.
static const char *nested_end(const struct literal *outer, const char *at) {
    struct text text = prefix_before(at);
    if (outer->depth >= FIELDS_MAX) {
        return NULL;
    }
    struct literal inner = {
        outer->end,       *at,        quote_width(at, outer->end), has_prefix(text, 'r'),
        outer->depth + 1, outer->line};
    return text_end(&inner, at + inner.width, is_formatted(text), false);
}

static const char *comment_end(const char *at, const char *end) {
    while (at < end && *at != '\n' && *at != '\r') {
        at++;
    }
    return at;
}

// From behind the '{' of a replacement field to behind its '}'.
static const char *field_end(const struct literal *literal, const char *at) {
    int brackets = 0;
    while (at && at < literal->end) {
        count_line(at, literal->end, literal->line);
        char c = *at;
        if (c == '"' || c == '\'') {
            at = nested_end(literal, at);
            continue;
        }
        if (c == '#') {
            at = comment_end(at, literal->end);
            continue;
        }
        if (!brackets && c == '}') {
            return at + 1;
        }
        if (!brackets && c == ':') {
            struct literal spec = *literal;
            spec.depth++;
            return spec.depth > FIELDS_MAX ? NULL : text_end(&spec, at + 1, true, true);
        }
        brackets += strchr("([{", c) && c ? 1 : strchr(")]}", c) && c ? -1 : 0;
        at++;
    }
    return NULL;
}

// Steps over a backslash and what it escapes.
static const char *escape_end(const struct literal *literal, const char *at, bool formatted) {
    if (at + 1 >= literal->end) {
        return literal->end;
    }
    if (formatted && (at[1] == '{' || at[1] == '}')) {
        return at + 1;
    }
    if (formatted && !literal->raw && at[1] == 'N' && at + 2 < literal->end && at[2] == '{') {
        const char *close = memchr(at, '}', (size_t)(literal->end - at));
        return close ? close + 1 : NULL;
    }
    count_line(at + 1, literal->end, literal->line);
    return at[1] == '\r' && at + 2 < literal->end && at[2] == '\n' ? (++*literal->line, at + 3)
                                                                   : at + 2;
}

// From inside a literal to behind its closing quote; of a format specification, behind its '}'.
static const char *text_end(const struct literal *literal, const char *at, bool formatted,
                            bool in_format_spec) {
    while (at && at < literal->end) {
        if (at_quote(at, literal->end, literal->quote, literal->width)) {
            return in_format_spec ? NULL : at + literal->width;
        }
        if (*at == '\\') {
            at = escape_end(literal, at, formatted);
            continue;
        }
        if (literal->width == 1 && (*at == '\n' || *at == '\r')) {
            return NULL;
        }
        count_line(at, literal->end, literal->line);
        bool twice = at + 1 < literal->end && at[1] == *at && !in_format_spec;
        if (formatted && *at == '{') {
            at = twice ? at + 2 : field_end(literal, at + 1);
        } else if (in_format_spec && *at == '}') {
            return at + 1;
        } else {
            at += formatted && *at == '}' && twice ? 2 : 1;
        }
    }
    return NULL;
}

const char *python_string_end(const char *at, const char *end, struct text prefix, int *line) {
    struct literal literal = {end, *at, quote_width(at, end), has_prefix(prefix, 'r'), 0, line};
    return text_end(&literal, at + literal.width, is_formatted(prefix), false);
}

// ---- values ----

static struct text prefix_of(struct text literal) {
    size_t len = 0;
    while (len < literal.len && literal.ptr[len] != '"' && literal.ptr[len] != '\'') {
        len++;
    }
    return (struct text){literal.ptr, len};
}

// Whether an f-string holds a brace that is not doubled.
static bool has_field(struct text literal) {
    for (size_t i = 0; i < literal.len; i++) {
        bool twice = i + 1 < literal.len && literal.ptr[i + 1] == literal.ptr[i];
        if (literal.ptr[i] == '{' && !twice) {
            return true;
        }
        i += literal.ptr[i] == '{';
    }
    return false;
}

// f"plain" without a field is an ordinary text.
const char *python_string_obstacle(struct text literal) {
    struct text prefix = prefix_of(literal);
    if (has_prefix(prefix, 'f') && has_field(literal)) {
        return "an f-string with a field";
    }
    return has_prefix(prefix, 'b')   ? "a bytes literal"
           : has_prefix(prefix, 't') ? "a template string"
                                     : NULL;
}

static void append_code_point(uint32_t code, struct buffer *value) {
    char utf8[4];
    size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len; i-- > 1;) {
        utf8[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    utf8[0] = (char)(leads[len] | code);
    buffer_add(value, utf8, len);
}

static int digit_value(char c, unsigned base) {
    int value = is_digit(c) ? c - '0' : is_alpha(c) ? to_lower(c) - 'a' + 10 : -1;
    return value >= 0 && (unsigned)value < base ? value : -1;
}

// A numeric escape of `min` to `max` digits. NULL when it has too few or is no character.
static const char *append_number(const char *at, const char *end, unsigned base, int min, int max,
                                 struct buffer *value) {
    uint32_t code = 0;
    int digits = 0;
    while (digits < max && at < end && digit_value(*at, base) >= 0) {
        code = code * base + (uint32_t)digit_value(*at, base);
        at++;
        digits++;
    }
    if (digits < min || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        return NULL;
    }
    append_code_point(code, value);
    return at;
}

// `at` is behind the backslash. NULL when the escape has no value here.
static const char *append_escape(const char *at, const char *end, struct buffer *value) {
    static const char letters[] = "\\'\"abfnrtv";
    static const char meanings[] = "\\'\"\a\b\f\n\r\t\v";
    if (is_digit(*at) && *at < '8') {
        return append_number(at, end, 8, 1, 3, value);
    }
    switch (*at) {
    case 'x':
        return append_number(at + 1, end, 16, 2, 2, value);
    case 'u':
        return append_number(at + 1, end, 16, 4, 4, value);
    case 'U':
        return append_number(at + 1, end, 16, 8, 8, value);
    case 'N':
        return NULL;
    case '\n':
        return at + 1;
    case '\r':
        return at + 1 < end && at[1] == '\n' ? at + 2 : at + 1;
    default:
        break;
    }
    const char *letter = *at ? strchr(letters, *at) : NULL;
    if (letter) {
        buffer_add(value, &meanings[letter - letters], 1);
    } else {
        buffer_add(value, at - 1, 2); // an unknown escape stands for itself
    }
    return at + 1;
}

// In source, every kind of line break means '\n'.
static const char *append_plain(const char *at, const char *end, struct buffer *value) {
    if (*at != '\r') {
        buffer_add(value, at, 1);
        return at + 1;
    }
    buffer_add(value, "\n", 1);
    return at + 1 < end && at[1] == '\n' ? at + 2 : at + 1;
}

// '''…''' and """…""" may hold line breaks and single quotes; in f-strings a doubled brace is one brace.
bool python_string_append(struct text literal, struct buffer *value) {
    struct text prefix = prefix_of(literal);
    const char *end = literal.ptr + literal.len;
    const char *at = literal.ptr + prefix.len;
    size_t width = quote_width(at, end);
    if (literal.len - prefix.len == 2) { // '' or "": two quotes, not the start of three
        return true;
    }
    bool raw = has_prefix(prefix, 'r');
    bool formatted = has_prefix(prefix, 'f');
    at += width;
    end -= width;
    while (at && at < end) {
        at += formatted && (*at == '{' || *at == '}'); // of two braces the second one
        at = *at == '\\' && !raw ? append_escape(at + 1, end, value) : append_plain(at, end, value);
    }
    return at != NULL;
}
