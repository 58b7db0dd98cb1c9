// SPDX-License-Identifier: MIT
// What our TOML reader does with the bytes itself, around toml++ (toml_library.cpp):
//
// - Before: a bound on nesting and on dots, because 16,000 dots in one key overflow the stack of toml++.
// - When toml++ refuses the text: TOML 1.1 is rewritten as TOML 1.0, which is all that toml++ knows.
//
//       point = {            becomes      point = {  x = 1, t = 07:30:00  }
//           x = 1,
//           t = 07:30,
//       }
//
// Both scan strings and comments as TOML delimits them. Where the text is not TOML they may misjudge it,
// but then the parser stops at that place too.
#include "schema/readers/core/toml_text.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/base/text.h"
#include "schema/readers/core/reader_add.h"

#include <string.h>

static bool starts_with(struct text text, size_t at, const char *wanted) {
    size_t len = strlen(wanted);
    return text.len - at >= len && memcmp(text.ptr + at, wanted, len) == 0;
}

// Behind the string that begins at `at`, or at the end of its line when it does not end there.
static size_t string_end(struct text text, size_t at) {
    const char quote = text.ptr[at];
    const char triple[] = {quote, quote, quote, '\0'};
    bool many_lines = starts_with(text, at, triple);
    for (at += many_lines ? 3 : 1; at < text.len; at++) {
        if (many_lines && starts_with(text, at, triple)) {
            at += 3;
            for (int more = 0; more < 2 && at < text.len && text.ptr[at] == quote; more++) {
                at++; // one or two quotes may stand right before the closing ones
            }
            return at;
        }
        if (!many_lines && (text.ptr[at] == quote || text.ptr[at] == '\n')) {
            return at + (text.ptr[at] == quote);
        }
        at += text.ptr[at] == '\\' && quote == '"' && at + 1 < text.len;
    }
    return at;
}

static size_t comment_end(struct text text, size_t at) {
    const char *end = memchr(text.ptr + at, '\n', text.len - at);
    return end ? (size_t)(end - text.ptr) : text.len;
}

static size_t count_lines(struct text text, size_t from, size_t to) {
    size_t lines = 0;
    for (; from < to; from++) {
        lines += text.ptr[from] == '\n';
    }
    return lines;
}

// ---- nesting ----

struct nesting {
    const struct source_file *file;
    size_t line;
    size_t dots;
    size_t depth;
};

// a.b.c.d = 1 nests without a bracket, hence the dots. Strings and comments are passed over by the caller.
static enum status count_nesting(struct nesting *nesting, char c, struct error *err) {
    nesting->dots = c == '.' ? nesting->dots + 1 : strchr("=,[]{}\n", c) ? 0 : nesting->dots;
    nesting->depth += c == '[' || c == '{';
    nesting->depth -= nesting->depth && (c == ']' || c == '}');
    nesting->line += c == '\n';
    if (nesting->dots > LIMIT_TOML_KEY_DOTS) {
        return reader_fail(nesting->file, nesting->line, err, "A key has more than %d dots",
                           LIMIT_TOML_KEY_DOTS);
    }
    if (nesting->depth > LIMIT_JSON_DEPTH) {
        return reader_fail(nesting->file, nesting->line, err,
                           "Arrays and tables are nested too deeply");
    }
    return STATUS_OK;
}

// Before toml++ sees the file: it recurses, and a deep file would exhaust the stack.
enum status toml_check_nesting(const struct source_file *file, struct error *err) {
    struct text text = {file->bytes, file->len};
    struct nesting nesting = {.file = file, .line = 1};
    size_t at = 0;
    while (at < text.len) {
        char c = text.ptr[at];
        if (c == '"' || c == '\'') {
            size_t end = string_end(text, at);
            nesting.line += count_lines(text, at, end);
            at = end;
        } else if (c == '#') {
            at = comment_end(text, at);
        } else {
            enum status status = count_nesting(&nesting, c, err);
            if (status) {
                return status;
            }
            at++;
        }
    }
    return STATUS_OK;
}

// ---- TOML 1.1 ----

struct rewrite {
    struct arena *arena;
    struct text text;
    struct buffer out;
    struct toml_rewritten *made;
    size_t gap_capacity;
    size_t line;     // of the text, from 1
    size_t out_line; // of what is written
    size_t out_column;
    size_t depth;
    char open[LIMIT_JSON_DEPTH + 1]; // the brackets around
    char last;                       // character that is no blank, comment or line break
    bool no_memory;
};

static void write_bytes(struct rewrite *r, const char *bytes, size_t len) {
    buffer_add(&r->out, bytes, len);
    for (size_t i = 0; i < len; i++) {
        bool ends = bytes[i] == '\n';
        r->out_line += ends;
        r->out_column = ends ? 1 : r->out_column + (((unsigned char)bytes[i] & 0xc0) != 0x80);
    }
}

static void note_change(struct rewrite *r) {
    if (!r->made->first_line) {
        r->made->first_line = r->line;
    }
}

// From here on, a line of the text has a lower number in what is written.
static void note_gap(struct rewrite *r) {
    struct toml_rewritten *made = r->made;
    struct toml_gap *gaps =
        list_grow(r->arena, made->gaps, made->gap_count, &r->gap_capacity, sizeof *gaps);
    if (!gaps) {
        r->no_memory = true;
        return;
    }
    made->gaps = gaps;
    gaps[made->gap_count++] = (struct toml_gap){r->out_line, r->out_column, r->line - r->out_line};
}

static bool in_inline_table(const struct rewrite *r) {
    return r->depth && r->open[r->depth - 1] == '{';
}

static bool is_hex(char c) {
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
}

// One escape of a basic string, as TOML 1.0 writes it.
static size_t rewrite_escape(struct rewrite *r, size_t at) {
    const char *escape = r->text.ptr + at;
    size_t left = r->text.len - at;
    if (left > 1 && escape[1] == 'e') {
        note_change(r);
        write_bytes(r, "\\u001B", 6);
        return at + 2;
    }
    if (left > 3 && escape[1] == 'x' && is_hex(escape[2]) && is_hex(escape[3])) {
        note_change(r);
        write_bytes(r, "\\u00", 4);
        write_bytes(r, escape + 2, 2);
        return at + 4;
    }
    write_bytes(r, escape, left > 1 ? 2 : 1);
    r->line += left > 1 && escape[1] == '\n';
    return at + (left > 1 ? 2 : 1);
}

// Only basic strings ("…") have escapes; literal ones ('…') are copied.
static size_t rewrite_string(struct rewrite *r, size_t at) {
    size_t end = string_end(r->text, at);
    bool basic = r->text.ptr[at] == '"';
    while (at < end) {
        if (basic && r->text.ptr[at] == '\\') {
            at = rewrite_escape(r, at);
            continue;
        }
        r->line += r->text.ptr[at] == '\n';
        write_bytes(r, r->text.ptr + at, 1);
        at++;
    }
    return at;
}

// The next character that is no blank, comment or line break; 0 at the end, or in a comment that holds
// a control character.
static char next_significant(const struct rewrite *r, size_t at) {
    struct text text = r->text;
    for (; at < text.len && strchr(" \t\r\n#", text.ptr[at]); at++) {
        size_t end = text.ptr[at] == '#' ? comment_end(text, at) : at;
        for (; at < end; at++) {
            bool ends_line = text.ptr[at] == '\r' && at + 1 == end;
            if (is_control(text.ptr[at]) && text.ptr[at] != '\t' && !ends_line) {
                return 0;
            }
        }
    }
    return at < text.len ? text.ptr[at] : 0;
}

// A line break or comment inside an inline table. TOML 1.1 allows them beside braces and commas, not
// around "=".
static size_t rewrite_break(struct rewrite *r, size_t at) {
    char next = next_significant(r, at);
    bool allowed = next && (r->last == '{' || r->last == ',' || next == ',' || next == '}');
    size_t end = r->text.ptr[at] == '#' ? comment_end(r->text, at) : at + 1;
    if (!allowed) {
        write_bytes(r, r->text.ptr + at, end - at);
        r->line += r->text.ptr[at] == '\n';
        return end;
    }
    note_change(r);
    write_bytes(r, " ", 1);
    if (r->text.ptr[at] == '\n') {
        r->line++;
        note_gap(r);
    }
    return end;
}

// In a shape '0' is any digit and 'T' what may stand between date and time; all else is itself.
static bool has_shape(struct text text, size_t at, const char *shape) {
    for (; *shape; shape++, at++) {
        bool fits = at < text.len &&
                    (*shape == '0' ? is_digit(text.ptr[at])
                                   : strchr(*shape == 'T' ? "Tt " : shape, text.ptr[at]) != NULL &&
                                         (*shape == 'T' || text.ptr[at] == *shape));
        if (!fits) {
            return false;
        }
    }
    return true;
}

// The length of a time without seconds, with or without a date before it; 0 = there is none.
static size_t short_time(struct text text, size_t at) {
    char before = at ? text.ptr[at - 1] : '\n';
    if (is_alnum(before) || strchr("_-:.+", before)) {
        return 0;
    }
    size_t len = has_shape(text, at, "0000-00-00T00:00") ? 16
                 : has_shape(text, at, "00:00")          ? 5
                                                         : 0;
    bool more = at + len < text.len && (text.ptr[at + len] == ':' || text.ptr[at + len] == '.');
    return more ? 0 : len;
}

static void note_bracket(struct rewrite *r, char c) {
    if ((c == '[' || c == '{') && r->depth < sizeof r->open) {
        r->open[r->depth++] = c;
    }
    r->depth -= r->depth && (c == ']' || c == '}');
}

static size_t rewrite_one(struct rewrite *r, size_t at) {
    char c = r->text.ptr[at];
    size_t time = is_digit(c) ? short_time(r->text, at) : 0;
    if (in_inline_table(r) &&
        (c == '\n' || c == '#' || (c == '\r' && starts_with(r->text, at, "\r\n")))) {
        return rewrite_break(r, at);
    }
    if (c == '#') {
        size_t end = comment_end(r->text, at);
        write_bytes(r, r->text.ptr + at, end - at);
        return end;
    }
    bool trailing = c == ',' && in_inline_table(r) && r->last != '{' && r->last != ',' &&
                    next_significant(r, at + 1) == '}';
    r->last = strchr(" \t\r\n", c) ? r->last : c;
    if (c == '"' || c == '\'') {
        return rewrite_string(r, at);
    }
    if (trailing || time) {
        note_change(r);
    }
    write_bytes(r, trailing ? " " : r->text.ptr + at, time ? time : 1);
    write_bytes(r, ":00", time ? 3 : 0);
    r->line += c == '\n';
    note_bracket(r, c);
    return at + (time ? time : 1);
}

enum status toml_rewrite(struct arena *arena, const struct source_file *file,
                         struct toml_rewritten *ret_rewritten, struct error *err) {
    struct toml_rewritten made = {0};
    struct rewrite r = {.arena = arena,
                        .text = {file->bytes, file->len},
                        .made = &made,
                        .line = 1,
                        .out_line = 1,
                        .out_column = 1};
    buffer_init(&r.out, file->len * 4 + 16);
    for (size_t at = 0; at < file->len;) {
        at = rewrite_one(&r, at);
    }
    made.bytes = r.out.failed ? NULL : arena_copy(arena, r.out.ptr, r.out.len);
    made.len = r.out.len;
    buffer_done(&r.out);
    if (!made.bytes || r.no_memory) {
        return fail_no_memory(err);
    }
    *ret_rewritten = made;
    return STATUS_OK;
}

// The parser reports lines of the rewritten text; an author needs those of the file.
size_t toml_rewritten_line(const struct toml_rewritten *rewritten, size_t line, size_t column) {
    size_t first = 0;
    size_t end = rewritten->gap_count;
    while (first < end) { // the last gap at or before the place
        size_t middle = (first + end) / 2;
        const struct toml_gap *gap = &rewritten->gaps[middle];
        bool before = gap->line < line || (gap->line == line && gap->column <= column);
        first = before ? middle + 1 : first;
        end = before ? end : middle;
    }
    return line + (first ? rewritten->gaps[first - 1].shift : 0);
}
