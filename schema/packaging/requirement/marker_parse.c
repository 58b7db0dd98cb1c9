// SPDX-License-Identifier: MIT
// Text to a marker: recursive descent, one function a rule of the grammar, nesting bounded. What a
// comparison needs later (versions, a specifier clause) is prepared here. A string has no escapes and no
// backslash: the grammar has none, and tools that take one do not agree on what it means.
//
//     marker:      and_term ("or" and_term)*             PEP 508; `and` binds tighter than `or`
//     and_term:    comparison ("and" comparison)*
//     comparison:  "(" marker ")" | value operator value
//     value:       variable | string                     python_version >= "3.9"
#include "schema/packaging/requirement/marker_parts.h"

#include "schema/base/limits.h"
#include "schema/packaging/name.h"
#include "schema/base/quote.h"

#include <string.h>

// `whole` is for messages, `at` moves through it; `depth` counts the parentheses that are open.
struct marker_parser {
    struct arena *arena;
    struct text whole; // for messages
    const char *at;    // what is read next
    const char *end;
    int depth; // open parentheses
};

static void skip_blanks(struct marker_parser *p) {
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t')) {
        p->at++;
    }
}

static bool next_is(const struct marker_parser *p, char wanted) {
    return p->at < p->end && *p->at == wanted;
}

// Bytes beyond ASCII too, so that a wrong name is quoted whole in the message.
static bool is_word_byte(char c) {
    return is_alnum(c) || c == '_' || (unsigned char)c >= 0x80;
}

static struct text rest_of(const struct marker_parser *p) {
    return (struct text){p->at, (size_t)(p->end - p->at)};
}

// What was wanted, and what stands there: the marker "os_name = 'posix'" has "= 'posix'" where one of <= … is wanted.
static enum status refuse(const struct marker_parser *p, const char *wanted, struct error *err) {
    if (p->at == p->end) {
        return fail(err, STATUS_INVALID, NULL, "the marker %s ends where %s is wanted",
                    quote_text(p->whole).text, wanted);
    }
    return fail(err, STATUS_INVALID, NULL, "the marker %s has %s where %s is wanted",
                quote_text(p->whole).text, quote_text(rest_of(p)).text, wanted);
}

// Moves past `word` when it stands here as a word of its own.
static bool read_word(struct marker_parser *p, const char *word) {
    size_t len = strlen(word);
    bool fits = (size_t)(p->end - p->at) >= len && memcmp(p->at, word, len) == 0;
    if (!fits || (p->at + len < p->end && is_word_byte(p->at[len]))) {
        return false;
    }
    p->at += len;
    return true;
}

// A quoted string: everything up to the same quote, no escapes.
static enum status parse_string(struct marker_parser *p, struct marker_operand *operand,
                                struct error *err) {
    const char *start = p->at + 1;
    const char *end = memchr(start, *p->at, (size_t)(p->end - start));
    if (!end) {
        return refuse(p, "a closing quote", err);
    }
    for (const char *c = start; c < end; c++) {
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f) {
            return refuse(p, "a string without control characters", err);
        }
        if (*c == '\\') { // not in the grammar, and tools that take it read escapes
            return refuse(p, "a string without backslashes", err);
        }
    }
    operand->text = arena_copy(p->arena, start, (size_t)(end - start));
    if (!operand->text) {
        return fail_no_memory(err);
    }
    p->at = end + 1;
    enum status status = version_parse(p->arena, text_from(operand->text), &operand->version, NULL);
    return status == STATUS_NO_MEMORY ? fail_no_memory(err) : STATUS_OK;
}

// Old spellings have dots (os.name), hence the dot among the letters of a word.
static enum status parse_operand(struct marker_parser *p, struct marker_operand *operand,
                                 struct error *err) {
    skip_blanks(p);
    if (next_is(p, '\'') || next_is(p, '"')) {
        return parse_string(p, operand, err);
    }
    const char *end = p->at;
    while (end < p->end && (is_word_byte(*end) || *end == '.')) {
        end++;
    }
    struct text name = {p->at, (size_t)(end - p->at)};
    if (!marker_variable_find(name, &operand->variable)) {
        return refuse(p, "an environment variable of PEP 508 or a quoted string", err);
    }
    operand->is_variable = true;
    p->at = end;
    return STATUS_OK;
}

// Two words with any blanks between them; nothing is consumed unless both are there.
static bool read_not_in(struct marker_parser *p) {
    struct marker_parser ahead = *p;
    if (!read_word(&ahead, "not") || !(next_is(&ahead, ' ') || next_is(&ahead, '\t'))) {
        return false;
    }
    skip_blanks(&ahead);
    bool found = read_word(&ahead, "in");
    p->at = found ? ahead.at : p->at;
    return found;
}

// The rows are ordered so that "===" is tried before "==", and "<=" before "<".
static enum status parse_operator(struct marker_parser *p, enum marker_operator *ret_operation,
                                  struct error *err) {
    skip_blanks(p);
    if (read_word(p, "in")) {
        *ret_operation = MARKER_IN;
        return STATUS_OK;
    }
    if (read_not_in(p)) {
        *ret_operation = MARKER_NOT_IN;
        return STATUS_OK;
    }
    for (size_t i = MARKER_ARBITRARY; i < MARKER_OPERATOR_COUNT; i++) {
        const char *word = marker_operator_row((enum marker_operator)i)->word;
        size_t len = strlen(word);
        if ((size_t)(p->end - p->at) >= len && memcmp(p->at, word, len) == 0) {
            p->at += len;
            *ret_operation = (enum marker_operator)i;
            return STATUS_OK;
        }
    }
    return refuse(p, "one of <= < != == === >= > ~= in 'not in'", err);
}

// The clause that the operator and the text on the right make, if they make one.
static enum status prepare_clause(struct marker_parser *p, struct marker_term *term,
                                  struct error *err) {
    bool compares = term->operation != MARKER_IN && term->operation != MARKER_NOT_IN;
    if (term->right.is_variable || !compares) {
        return STATUS_OK;
    }
    struct specifier_clause *clause = arena_alloc(p->arena, sizeof *clause);
    const char *word = marker_operator_row(term->operation)->word;
    char *text = clause ? arena_printf(p->arena, "%s%s", word, term->right.text) : NULL;
    if (!text) {
        return fail_no_memory(err);
    }
    enum status status = specifier_clause_parse(p->arena, text_from(text), clause, NULL);
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    term->clause = status == STATUS_OK ? clause : NULL;
    return STATUS_OK;
}

// The name of an extra is compared in its normal form; other text stays as it is.
static enum status normalize_extra(struct marker_parser *p, struct marker_operand *operand,
                                   struct error *err) {
    if (operand->is_variable || !name_is_valid(text_from(operand->text))) {
        return STATUS_OK;
    }
    return name_normalize(p->arena, text_from(operand->text), &operand->text, err);
}

static bool is_extra(const struct marker_operand *operand) {
    return operand->is_variable && operand->variable == MARKER_EXTRA;
}

// Names of extras are compared in normal form, all other values as versions or texts; what kind a
// comparison is depends on both sides, so it is settled last.
static enum status parse_comparison(struct marker_parser *p, struct marker_term *term,
                                    struct error *err) {
    enum status status = parse_operand(p, &term->left, err);
    if (status) {
        return status;
    }
    status = parse_operator(p, &term->operation, err);
    if (status) {
        return status;
    }
    status = parse_operand(p, &term->right, err);
    if (status) {
        return status;
    }
    if (!is_extra(&term->left) && !is_extra(&term->right)) {
        return prepare_clause(p, term, err);
    }
    status = normalize_extra(p, &term->left, err);
    if (status) {
        return status;
    }
    return normalize_extra(p, &term->right, err);
}

static enum status parse_terms(struct marker_parser *p, const struct marker_term **ret_terms,
                               struct error *err);

static enum status parse_term(struct marker_parser *p, struct marker_term *term,
                              struct error *err) {
    skip_blanks(p);
    if (!next_is(p, '(')) {
        return parse_comparison(p, term, err);
    }
    if (++p->depth > LIMIT_MARKER_DEPTH) {
        return fail(err, STATUS_TOO_LARGE, NULL, "the marker %s is nested deeper than %d",
                    quote_text(p->whole).text, LIMIT_MARKER_DEPTH);
    }
    p->at++;
    enum status status = parse_terms(p, &term->nested, err);
    if (status) {
        return status;
    }
    if (!next_is(p, ')')) {
        return refuse(p, "'and', 'or' or ')'", err);
    }
    p->at++;
    p->depth--;
    while (!term->nested->next && term->nested->nested) { // "((…))"
        term->nested = term->nested->nested;
    }
    return STATUS_OK;
}

static enum status parse_terms(struct marker_parser *p, const struct marker_term **ret_terms,
                               struct error *err) {
    const struct marker_term **link = ret_terms;
    bool begins_alternative = true;
    for (;;) {
        struct marker_term *term = arena_alloc(p->arena, sizeof *term);
        if (!term) {
            return fail_no_memory(err);
        }
        enum status status = parse_term(p, term, err);
        if (status) {
            return status;
        }
        term->begins_alternative = begins_alternative;
        *link = term;
        link = &term->next;
        skip_blanks(p);
        begins_alternative = read_word(p, "or");
        if (!begins_alternative && !read_word(p, "and")) {
            return STATUS_OK;
        }
    }
}

// What no part of a marker can survive.
static enum status check_text(struct text text, struct error *err) {
    if (text.len > LIMIT_REQUIREMENT_BYTES) {
        return fail(err, STATUS_TOO_LARGE, NULL, "the marker %s is over %d bytes",
                    quote_text(text).text, LIMIT_REQUIREMENT_BYTES);
    }
    if (!utf8_is_valid(text.ptr, text.len)) {
        return fail(err, STATUS_INVALID, NULL, "the marker %s is not valid UTF-8",
                    quote_text(text).text);
    }
    return STATUS_OK;
}

enum status marker_parse(struct arena *arena, struct text text, const struct marker **ret_marker,
                         struct error *err) {
    enum status status = check_text(text, err);
    if (status) {
        return status;
    }
    text = text.ptr ? text : text_from("");
    struct marker_parser p = {arena, text, text.ptr, text.ptr + text.len, 0};
    struct marker *marker = arena_alloc(arena, sizeof *marker);
    if (!marker) {
        return fail_no_memory(err);
    }
    status = parse_terms(&p, &marker->terms, err);
    if (status) {
        return status;
    }
    if (p.at < p.end) {
        return refuse(&p, "'and', 'or' or the end", err);
    }
    status = marker_make_string(arena, marker, err);
    if (status) {
        return status;
    }
    *ret_marker = marker;
    return STATUS_OK;
}
