// SPDX-License-Identifier: MIT
// The tokenizer: one pass, no look-back but the bracket stack and the indentation stack. It accepts
// what CPython 3.8 to 3.14 accept; a file with mixed tabs and blanks is refused where they
// disagree about the nesting, as there.
//
// Layout, as "Lexical analysis" of the reference says it; NEWLINE and layout count outside brackets only:
//
//     if a:          NAME(if) NAME(a) OPERATOR(:) NEWLINE
//         f(1,       INDENT NAME(f) OPERATOR(() NUMBER(1) OPERATOR(,)
//           2)       NUMBER(2) OPERATOR()) NEWLINE
//     b              DEDENT NAME(b) NEWLINE
#include "schema/readers/python/python_token.h"

#include "schema/base/list.h"

#include <stdio.h>
#include <string.h>

struct scanner {
    struct arena *arena;
    const char *path;
    const char *at; // what is read next
    const char *end;
    int line; // from 1
    struct python_tokens tokens;
    size_t capacity;
    char brackets[PYTHON_BRACKETS_MAX];     // those that are open
    int bracket_lines[PYTHON_BRACKETS_MAX]; // where they were opened
    int bracket_depth;
    int columns[PYTHON_INDENTS_MAX];     // with tab stops every 8
    int alt_columns[PYTHON_INDENTS_MAX]; // with tabs as 1: both must agree
    int indent_depth;
    struct error *err;
};

static enum status refuse(struct scanner *s, int line, const char *message) {
    char where[sizeof s->err->where];
    snprintf(where, sizeof where, "%s:%d", s->path, line);
    return fail(s->err, STATUS_MALFORMED, where, "%s", message);
}

// Enough for most files at once: a token takes four bytes or more, as a rule.
static size_t first_capacity(const struct scanner *s) {
    return 32 + (size_t)(s->end - s->at) / 4;
}

static enum status push(struct scanner *s, enum python_token_type type, const char *start,
                        int line) {
    if (s->tokens.count == s->capacity) {
        size_t capacity = s->capacity ? s->capacity * 2 : first_capacity(s);
        struct python_token *grown = arena_array(s->arena, capacity, sizeof *grown);
        if (!grown) {
            return fail_no_memory(s->err);
        }
        if (s->tokens.count) {
            memcpy(grown, s->tokens.items, s->tokens.count * sizeof *grown);
        }
        s->tokens.items = grown;
        s->capacity = capacity;
    }
    s->tokens.items[s->tokens.count++] =
        (struct python_token){type, false, line, {start, (size_t)(s->at - start)}};
    return STATUS_OK;
}

// What a byte can be part of; asked for every byte of a name.
static const bool name_bytes[256] = {
    ['0' ... '9'] = true, ['A' ... 'Z'] = true,   ['_'] = true,
    ['a' ... 'z'] = true, [0x80 ... 0xff] = true,
};

static bool is_name_part(char c) {
    return name_bytes[(unsigned char)c];
}

static bool is_name_start(char c) {
    return is_name_part(c) && !is_digit(c);
}

// At a line break: steps over it and counts it.
static void skip_line_break(struct scanner *s) {
    if (*s->at == '\r' && s->at + 1 < s->end && s->at[1] == '\n') {
        s->at++;
    }
    s->at++;
    s->line++;
}

static bool at_line_break(const struct scanner *s) {
    return s->at < s->end && (*s->at == '\n' || *s->at == '\r');
}

static void skip_comment(struct scanner *s) {
    while (s->at < s->end && *s->at != '\n' && *s->at != '\r') {
        s->at++;
    }
}

// A backslash before a line break joins the lines. False when it stands anywhere else.
static bool skip_continuation(struct scanner *s) {
    s->at++;
    if (!at_line_break(s)) {
        return false;
    }
    skip_line_break(s);
    return s->at < s->end;
}

// ---- the layout: INDENT and DEDENT ----

// Python's rule: each column of indentation is kept, a deeper line opens a block, a shallower one closes blocks
// until a column fits. Columns are counted twice, with tabs of 8 and of 1: where the two disagree on what is
// deeper, the file means different things in different editors, and Python refuses it.
static enum status change_indent(struct scanner *s, int column, int alt_column) {
    enum status status = STATUS_OK;
    int *depth = &s->indent_depth;
    if (column > s->columns[*depth]) {
        if (alt_column <= s->alt_columns[*depth]) {
            return refuse(s, s->line, "Tabs and spaces are mixed inconsistently");
        }
        if (*depth + 1 >= PYTHON_INDENTS_MAX) {
            return refuse(s, s->line, "Too many levels of indentation");
        }
        ++*depth;
        s->columns[*depth] = column;
        s->alt_columns[*depth] = alt_column;
        return push(s, PYTHON_INDENT, s->at, s->line);
    }
    while (status == STATUS_OK && column < s->columns[*depth]) {
        --*depth;
        status = push(s, PYTHON_DEDENT, s->at, s->line);
    }
    if (status) {
        return status;
    }
    if (column != s->columns[*depth]) {
        return refuse(s, s->line, "The indentation does not match any outer level");
    }
    if (status) {
        return status;
    }
    if (alt_column != s->alt_columns[*depth]) {
        return refuse(s, s->line, "Tabs and spaces are mixed inconsistently");
    }
    return status;
}

// Measures the blank at the start of a logical line. *ret_blank when the line holds nothing.
static enum status begin_line(struct scanner *s, bool *ret_blank) {
    int column = 0;
    int alt_column = 0;
    for (; s->at < s->end; s->at++) {
        if (*s->at == ' ') {
            column++;
            alt_column++;
        } else if (*s->at == '\t') {
            column = (column / 8 + 1) * 8;
            alt_column++;
        } else if (*s->at == '\f') {
            column = 0;
            alt_column = 0;
        } else if (*s->at == '\\') {
            if (!skip_continuation(s)) {
                return refuse(s, s->line, "Unexpected character after a backslash");
            }
            s->at--;
        } else {
            break;
        }
    }
    if (s->at < s->end && *s->at == '#') {
        skip_comment(s);
    }
    *ret_blank = s->at >= s->end || at_line_break(s);
    if (!*ret_blank) {
        return change_indent(s, column, alt_column);
    }
    if (s->at < s->end) {
        skip_line_break(s);
    }
    return STATUS_OK;
}

// ---- one token ----

// Underscores may stand between two digits, not at the ends: 1_000.
static const char *skip_digits(const char *at, const char *end, const char *digits) {
    while (at < end && (strchr(digits, to_lower(*at)) ||
                        (*at == '_' && at + 1 < end && strchr(digits, to_lower(at[1]))))) {
        if (!*at) {
            break;
        }
        at++;
    }
    return at;
}

static bool is_all_zeros(struct text digits) {
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] != '0' && digits.ptr[i] != '_') {
            return false;
        }
    }
    return true;
}

// The grammar of "Lexical analysis", Numeric literals. What follows the number is judged by the parser.
static enum status scan_number(struct scanner *s) {
    static const char decimal[] = "0123456789";
    const char *start = s->at;
    char kind = *s->at == '0' && s->at + 1 < s->end ? to_lower(s->at[1]) : 0;
    const char *digits = kind == 'x'   ? "0123456789abcdef"
                         : kind == 'o' ? "01234567"
                         : kind == 'b' ? "01"
                                       : NULL;
    if (digits) {
        s->at = skip_digits(s->at + 2, s->end, digits);
        if (s->at == start + 2) {
            return refuse(s, s->line, "This number has no digits");
        }
        return push(s, PYTHON_NUMBER, start, s->line);
    }
    s->at = skip_digits(s->at, s->end, decimal);
    bool whole = true;
    if (s->at < s->end && *s->at == '.') {
        whole = false;
        s->at = skip_digits(s->at + 1, s->end, decimal);
    }
    if (s->at < s->end && to_lower(*s->at) == 'e') {
        const char *exponent = s->at + 1;
        exponent += exponent < s->end && (*exponent == '+' || *exponent == '-');
        if (exponent < s->end && is_digit(*exponent)) {
            whole = false;
            s->at = skip_digits(exponent, s->end, decimal);
        }
    }
    bool imaginary = s->at < s->end && to_lower(*s->at) == 'j';
    s->at += imaginary;
    struct text text = {start, (size_t)(s->at - start)};
    if (whole && !imaginary && *start == '0' && !is_all_zeros(text)) {
        return refuse(s, s->line,
                      "A decimal number cannot start with 0. Write octal numbers as 0o…");
    }
    return push(s, PYTHON_NUMBER, start, s->line);
}

static bool is_keyword(const char *name, size_t len) {
    // by length, because most names are as long as few keywords
    static const char *const keywords[] = {
        [2] = "as if in is or ",
        [3] = "and def del for not try ",
        [4] = "None True elif else from pass with ",
        [5] = "False async await break class raise while yield ",
        [6] = "assert except global import lambda return ",
        [7] = "finally ",
        [8] = "continue nonlocal ",
    };
    if (len >= COUNT_OF(keywords) || !keywords[len]) {
        return false;
    }
    for (const char *word = keywords[len]; *word; word += len + 1) {
        if (*word == *name && memcmp(word, name, len) == 0) {
            return true;
        }
    }
    return false;
}

// A name, or a string when what looks like a name is a string's prefix.
static enum status scan_name(struct scanner *s) {
    const char *start = s->at;
    while (s->at < s->end && is_name_part(*s->at)) {
        s->at++;
    }
    size_t len = (size_t)(s->at - start);
    bool quote = s->at < s->end && (*s->at == '"' || *s->at == '\'');
    if (!quote || len > 2 || strspn(start, "rRbBuUfFtT") < len) {
        enum status status = push(s, PYTHON_NAME, start, s->line);
        if (status) {
            return status;
        }
        if (is_keyword(start, len)) {
            s->tokens.items[s->tokens.count - 1].keyword = true;
        }
        return status;
    }
    int line = s->line;
    const char *end = python_string_end(s->at, s->end, (struct text){start, len}, &s->line);
    if (!end) {
        return refuse(s, line, "Unterminated string");
    }
    s->at = end;
    return push(s, PYTHON_STRING, start, line);
}

static enum status scan_string(struct scanner *s) {
    const char *start = s->at;
    int line = s->line;
    const char *end = python_string_end(s->at, s->end, (struct text){start, 0}, &s->line);
    if (!end) {
        return refuse(s, line, "Unterminated string");
    }
    s->at = end;
    return push(s, PYTHON_STRING, start, line);
}

// Within brackets line breaks are white space, so an unclosed one would swallow the file: its line is kept.
static enum status match_bracket(struct scanner *s, char c) {
    if (strchr("([{", c)) {
        if (s->bracket_depth == PYTHON_BRACKETS_MAX) {
            return refuse(s, s->line, "Brackets are nested too deeply");
        }
        s->bracket_lines[s->bracket_depth] = s->line;
        s->brackets[s->bracket_depth++] = c;
        return STATUS_OK;
    }
    char opening = c == ')' ? '(' : c == ']' ? '[' : '{';
    if (!s->bracket_depth || s->brackets[--s->bracket_depth] != opening) {
        return refuse(s, s->line, "The closing bracket does not match");
    }
    return STATUS_OK;
}

// The length of the operator at the start, or 0. `next` and `third` are 0 past the end.
static size_t operator_length(char c, char next, char third) {
    switch (c) {
    case '(':
    case ')':
    case '[':
    case ']':
    case '{':
    case '}':
    case ',':
    case ';':
    case '~':
        return 1;
    case '.':
        return next == '.' && third == '.' ? 3 : 1;
    case '!':
        return next == '=' ? 2 : 0;
    case '*':
    case '/':
    case '<':
    case '>':
        if (next == c) {
            return third == '=' ? 3 : 2;
        }
        return next == '=' || (c == '<' && next == '>') ? 2 : 1;
    case '-':
        return next == '=' || next == '>' ? 2 : 1;
    case ':':
    case '=':
    case '+':
    case '%':
    case '&':
    case '|':
    case '^':
    case '@':
        return next == '=' ? 2 : 1;
    default:
        return 0;
    }
}

static bool is_bracket(char c) {
    return c == '(' || c == ')' || c == '[' || c == ']' || c == '{' || c == '}';
}

// The longest one that fits: ** before *, -> before -.
static enum status scan_operator(struct scanner *s) {
    const char *start = s->at;
    size_t left = (size_t)(s->end - s->at);
    size_t len = operator_length(*start, left > 1 ? start[1] : 0, left > 2 ? start[2] : 0);
    if (!len) {
        return refuse(s, s->line, "Unexpected character");
    }
    enum status status = is_bracket(*start) ? match_bracket(s, *start) : STATUS_OK;
    s->at += len;
    if (status) {
        return status;
    }
    return push(s, PYTHON_OPERATOR, start, s->line);
}

// ".5" is a number, "." alone an operator.
static enum status scan_token(struct scanner *s) {
    char c = *s->at;
    if (is_name_start(c)) {
        return scan_name(s);
    }
    if (is_digit(c) || (c == '.' && s->at + 1 < s->end && is_digit(s->at[1]))) {
        return scan_number(s);
    }
    return c == '"' || c == '\'' ? scan_string(s) : scan_operator(s);
}

// The rest of a logical line, after its indentation, with its NEWLINE.
static enum status scan_line(struct scanner *s) {
    enum status status = STATUS_OK;
    while (status == STATUS_OK && s->at < s->end) {
        if (*s->at == ' ' || *s->at == '\t' || *s->at == '\f') {
            s->at++;
        } else if (*s->at == '#') {
            skip_comment(s);
        } else if (*s->at == '\\') {
            if (!skip_continuation(s)) {
                return refuse(s, s->line, "Unexpected character after a backslash");
            }
        } else if (!at_line_break(s)) {
            status = scan_token(s);
        } else if (s->bracket_depth) {
            skip_line_break(s);
        } else {
            status = push(s, PYTHON_NEWLINE, s->at, s->line);
            skip_line_break(s);
            return status;
        }
    }
    if (status) {
        return status;
    }
    if (s->bracket_depth) {
        return refuse(s, s->bracket_lines[s->bracket_depth - 1], "The bracket is never closed");
    }
    if (status) {
        return status;
    }
    return push(s, PYTHON_NEWLINE, s->at, s->line);
}

// Blank lines and comments change no indentation. All blocks end with the file.
static enum status scan_lines(struct scanner *s) {
    while (s->at < s->end) {
        bool blank = false;
        enum status status = begin_line(s, &blank);
        if (status) {
            return status;
        }
        status = blank ? STATUS_OK : scan_line(s);
        if (status) {
            return status;
        }
    }
    return change_indent(s, 0, 0);
}

enum status python_tokenize(struct arena *arena, const struct source_file *file,
                            struct python_tokens *ret_tokens, struct error *err) {
    struct scanner s = {.arena = arena,
                        .path = file->path,
                        .at = file->bytes,
                        .end = file->bytes + file->len,
                        .line = 1,
                        .err = err};
    enum status status = scan_lines(&s);
    if (status) {
        return status;
    }
    status = push(&s, PYTHON_END, s.at, s.line);
    if (status) {
        return status;
    }
    *ret_tokens = s.tokens;
    return STATUS_OK;
}
