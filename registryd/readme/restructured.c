// SPDX-License-Identifier: MIT
// Line by line: a line with a line of "===" below it is a heading, whose level is the order in which its sign first
// appears. What is indented behind "::" or a directive is code. Everything else is a paragraph, with its line
// ends. Whether a text is correct reStructuredText does not matter here.
#include "registryd/readme/restructured.h"

#include "registryd/readme/highlight.h"
#include "registryd/readme/places.h"
#include "schema/base/cleanup.h"

#include <stdlib.h>

enum { LEVELS_MAX = 4 };

struct restructured {
    struct markup *markup;
    struct text rest;
    char signs[LEVELS_MAX + 1]; // of headings, in the order of their levels
    struct heading_places *places;
    struct text code; // the language that the last directive named
    bool awaits_code;
    bool in_paragraph;
};

static struct text peek_line(struct text rest, size_t *ret_size) {
    const char *end = rest.len ? memchr(rest.ptr, '\n', rest.len) : NULL;
    size_t len = end ? (size_t)(end - rest.ptr) : rest.len;
    *ret_size = len + (end != NULL);
    len -= len && rest.ptr[len - 1] == '\r';
    return (struct text){rest.ptr, len};
}

static void skip(struct text *rest, size_t size) {
    *rest = (struct text){rest->ptr + size, rest->len - size};
}

static size_t indentation(struct text line) {
    size_t at = 0;
    while (at < line.len && (line.ptr[at] == ' ' || line.ptr[at] == '\t')) {
        at++;
    }
    return at == line.len ? 0 : at;
}

// "=====": the sign, or 0 when the line is none.
static char underline_of(struct text line) {
    struct text trimmed = text_trim(line);
    char sign = trimmed.len >= 3 ? trimmed.ptr[0] : '\0';
    if (!sign || !strchr("=-~^\"'#*+.:_`", sign) || indentation(line)) {
        return '\0';
    }
    for (size_t i = 0; i < trimmed.len; i++) {
        if (trimmed.ptr[i] != sign) {
            return '\0';
        }
    }
    return sign;
}

static enum markup_element level_of(struct restructured *reading, char sign) {
    size_t count = strlen(reading->signs);
    const char *known = strchr(reading->signs, sign);
    if (!known && count < LEVELS_MAX) {
        reading->signs[count] = sign;
        known = &reading->signs[count];
    }
    return MARKUP_HEADING_1 + (known ? (unsigned)(known - reading->signs) : LEVELS_MAX - 1);
}

static void end_paragraph(struct restructured *reading) {
    if (reading->in_paragraph) {
        markup_close(reading->markup);
    }
    reading->in_paragraph = false;
}

static void add_heading(struct restructured *reading, struct text title, char sign) {
    char room[PLACE_BYTES + 16];
    end_paragraph(reading);
    markup_open(reading->markup, level_of(reading, sign));
    struct text name =
        reading->places ? places_add(reading->places, text_trim(title), room) : (struct text){0};
    if (name.len) {
        markup_attribute(reading->markup, MARKUP_PLACE, name);
    }
    markup_text(reading->markup, text_trim(title));
    markup_close(reading->markup);
}

// A title with a line below it, or between two.
static bool take_heading(struct restructured *reading, struct text line, size_t size) {
    size_t over = 0;
    size_t next_size = 0;
    size_t last_size = 0;
    struct text title = line;
    if (underline_of(line)) {
        over = size;
        title = peek_line((struct text){reading->rest.ptr + size, reading->rest.len - size}, &size);
    }
    size_t at = over + size;
    struct text below =
        peek_line((struct text){reading->rest.ptr + at, reading->rest.len - at}, &next_size);
    char sign = underline_of(below);
    last_size = at + next_size;
    if (!sign || !text_trim(title).len || underline_of(title) ||
        (over && underline_of(line) != sign) || reading->in_paragraph) {
        return false;
    }
    add_heading(reading, title, sign);
    skip(&reading->rest, last_size);
    return true;
}

// The lines that are indented, up to one that is not; empty ones between them belong to it.
static void take_code(struct restructured *reading) {
    const char *begin = reading->rest.ptr;
    const char *end = begin;
    while (reading->rest.len) {
        size_t size;
        struct text line = peek_line(reading->rest, &size);
        if (text_trim(line).len && !indentation(line)) {
            break;
        }
        skip(&reading->rest, size);
        end = text_trim(line).len ? line.ptr + line.len : end;
    }
    markup_open(reading->markup, MARKUP_BLOCK);
    highlight_add(reading->markup, language_find(reading->code),
                  (struct text){begin, (size_t)(end - begin)});
    markup_close(reading->markup);
    reading->awaits_code = false;
    reading->code = (struct text){0};
}

// ".. code-block:: python" and "Example::" say that code follows.
static void await_code(struct restructured *reading, struct text line) {
    struct text trimmed = text_trim(line);
    bool is_directive = trimmed.len > 3 && memcmp(trimmed.ptr, ".. ", 3) == 0;
    const char *mark = trimmed.len ? memmem(trimmed.ptr, trimmed.len, "::", 2) : NULL;
    bool has_code = is_directive && (memmem(trimmed.ptr, trimmed.len, "code", 4));
    reading->awaits_code = has_code || (!is_directive && text_ends_with(trimmed, "::"));
    if (has_code && mark) {
        size_t behind = (size_t)(mark - trimmed.ptr) + 2;
        reading->code = text_trim((struct text){trimmed.ptr + behind, trimmed.len - behind});
    }
}

static bool is_point(struct text line) {
    return line.len > 2 && strchr("*-+", line.ptr[0]) && line.ptr[1] == ' ';
}

static void add_line(struct restructured *reading, struct text line) {
    if (is_point(line)) {
        end_paragraph(reading);
    }
    if (!reading->in_paragraph) {
        markup_open(reading->markup, MARKUP_PARAGRAPH);
        reading->in_paragraph = true;
    } else {
        markup_text(reading->markup, text_from("\n"));
    }
    markup_text(reading->markup, text_from(is_point(line) ? "• " : NULL));
    markup_text(reading->markup,
                is_point(line) ? (struct text){line.ptr + 2, line.len - 2} : text_trim(line));
    await_code(reading, line);
}

static void take_next(struct restructured *reading) {
    size_t size;
    struct text line = peek_line(reading->rest, &size);
    if (!text_trim(line).len) {
        end_paragraph(reading);
        skip(&reading->rest, size);
    } else if (reading->awaits_code && indentation(line)) {
        end_paragraph(reading);
        take_code(reading);
    } else if (!take_heading(reading, line, size)) {
        add_line(reading, line);
        skip(&reading->rest, size);
    }
}

void restructured_add(struct markup *markup, struct text text) {
    scoped(cleanup_memory) struct heading_places *places = calloc(1, sizeof *places);
    struct restructured reading = {.markup = markup, .rest = text, .places = places};
    while (reading.rest.len) {
        take_next(&reading);
    }
    end_paragraph(&reading);
}
