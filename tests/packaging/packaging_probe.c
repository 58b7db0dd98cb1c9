// SPDX-License-Identifier: MIT
// Answers questions about the packaging standards, so that a Python test can compare our answers
// with those of Python's own libraries: one question a line on stdin (verb and arguments, separated
// by tabs), one answer a line on stdout. Bytes below 32, 127 and '\' are written as \xHH both ways.
#include "tests/packaging/probe.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <string.h>

void put_text(struct text text) {
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < ' ' || c == 0x7f || c == '\\') {
            printf("\\x%02x", c);
        } else {
            putchar(c);
        }
    }
}

void put_failure(enum status status) {
    printf("error\t%s", status_info(status)->wire_name);
}

static int hex_value(char c) {
    return is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10;
}

// Undoes the \xHH form in place.
static struct text unescape(struct text text, char *bytes) {
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\\' && i + 3 < text.len) {
            bytes[len++] = (char)(hex_value(text.ptr[i + 2]) * 16 + hex_value(text.ptr[i + 3]));
            i += 3;
        } else {
            bytes[len++] = text.ptr[i];
        }
    }
    return (struct text){bytes, len};
}

static const struct verb *find_verb(struct text name) {
    static const struct verb *const parts[] = {version_verbs, requirement_verbs, tag_verbs,
                                               file_verbs};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        for (const struct verb *verb = parts[i]; verb->name; verb++) {
            if (text_equals(name, verb->name)) {
                return verb;
            }
        }
    }
    return NULL;
}

static bool answer_line(char *line, size_t len) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct query query = {.arena = arena};
    struct text rest = {line, len};
    struct text verb;
    struct text piece;
    if (!arena || !text_split(&rest, '\t', &verb)) {
        return false;
    }
    while (query.count < MAX_ARGUMENTS && text_split(&rest, '\t', &piece)) {
        query.arguments[query.count++] = unescape(piece, line + (piece.ptr - line));
    }
    const struct verb *found = find_verb(verb);
    if (!found || query.count < found->min_arguments) {
        return false;
    }
    found->answer(&query);
    putchar('\n');
    return true;
}

int main(void) {
    scoped(cleanup_memory) char *line = NULL;
    size_t capacity = 0;
    ssize_t len;
    while ((len = getline(&line, &capacity, stdin)) > 0) {
        len -= line[len - 1] == '\n';
        if (!answer_line(line, (size_t)len)) {
            fprintf(stderr, "packaging_probe: cannot answer: %.*s\n", (int)len, line);
            return 2;
        }
    }
    return 0;
}
