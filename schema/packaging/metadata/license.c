// SPDX-License-Identifier: MIT
// Recursive descent over words and parentheses; the normal form is written on the way, into a buffer
// of the caller's size: it is never longer than the text. Identifiers are found in any case and written in
// the case of the list ("mit" -> "MIT"), operators in capitals; WITH binds to one identifier, then AND,
// then OR. Licences are compared by their normal forms.
//
//     expression: and_part ("OR" and_part)*         SPDX 2.3, annex D
//     and_part:   simple ("AND" simple)*
//     simple:     "(" expression ")" | id ["+"] ["WITH" exception] | "LicenseRef-" idstring
//     mit or (apache-2.0 and gpl-2.0-only with Classpath-exception-2.0)
#include "schema/packaging/metadata/license.h"

#include "schema/base/limits.h"
#include "schema/packaging/metadata/license_ids.h"
#include "schema/base/quote.h"

#include <string.h>

enum { OUT_BYTES = 2 * LIMIT_SHORT_TEXT_BYTES + 2 };

struct license_parser {
    struct text whole;   // for messages
    struct text rest;    // what was not read yet
    struct text token;   // the next one; empty at the end
    char out[OUT_BYTES]; // the normal form
    size_t out_len;
    int depth;             // open parentheses
    bool names_deprecated; // at least one identifier is
};

static bool is_parenthesis(char c) {
    return c == '(' || c == ')';
}

// Reads the next token into p->token: a parenthesis or a word.
static void read_token(struct license_parser *p) {
    p->rest = text_trim(p->rest);
    size_t len = p->rest.len > 0 && is_parenthesis(p->rest.ptr[0]);
    while (len < p->rest.len && !is_parenthesis(p->rest.ptr[0]) &&
           !is_parenthesis(p->rest.ptr[len]) && !is_space(p->rest.ptr[len])) {
        len++;
    }
    p->token = (struct text){p->rest.ptr, len};
    p->rest.ptr += len;
    p->rest.len -= len;
}

static int compare_ignoring_case(struct text text, const char *word) {
    for (size_t i = 0; i < text.len; i++) {
        int order = (unsigned char)to_lower(text.ptr[i]) - (unsigned char)to_lower(word[i]);
        if (order != 0) {
            return order; // the end of `word` is less than any byte but NUL
        }
        if (word[i] == '\0') {
            return 1;
        }
    }
    return word[text.len] == '\0' ? 0 : -1;
}

static bool next_is(const struct license_parser *p, const char *word) {
    return compare_ignoring_case(p->token, word) == 0;
}

static void write_bytes(struct license_parser *p, const char *bytes, size_t len) {
    memcpy(p->out + p->out_len, bytes, len);
    p->out_len += len;
}

// A blank before a word, but not behind an opening parenthesis or at the beginning.
static void write_word(struct license_parser *p, const char *word, size_t len) {
    if (p->out_len > 0 && p->out[p->out_len - 1] != '(') {
        write_bytes(p, " ", 1);
    }
    write_bytes(p, word, len);
}

// The list is sorted without regard to case, as SPDX compares identifiers.
static const struct license_id *find_id(const struct license_ids *ids, struct text word) {
    size_t low = 0;
    size_t high = ids->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare_ignoring_case(word, ids->items[middle].id);
        if (order == 0) {
            return &ids->items[middle];
        }
        low = order > 0 ? middle + 1 : low;
        high = order > 0 ? high : middle;
    }
    return NULL;
}

static enum status refuse(const struct license_parser *p, const char *wanted, struct error *err) {
    if (p->token.len == 0) {
        return fail(err, STATUS_INVALID, NULL, "the licence expression %s ends where %s is wanted",
                    quote_text(p->whole).text, wanted);
    }
    return fail(err, STATUS_INVALID, NULL, "the licence expression %s has %s where %s is wanted",
                quote_text(p->whole).text, quote_text(p->token).text, wanted);
}

// "LicenseRef-" and at least one of A-Z a-z 0-9 . -
static bool is_reference(struct text word) {
    static const char prefix[] = "LicenseRef-";
    struct text head = {word.ptr, sizeof prefix - 1};
    if (word.len <= head.len || compare_ignoring_case(head, prefix) != 0) {
        return false;
    }
    for (size_t i = head.len; i < word.len; i++) {
        if (!is_alnum(word.ptr[i]) && word.ptr[i] != '.' && word.ptr[i] != '-') {
            return false;
        }
    }
    return true;
}

static enum status parse_exception(struct license_parser *p, struct error *err) {
    const struct license_id *id = find_id(&license_exception_ids, p->token);
    if (!id) {
        return refuse(p, "an exception of the SPDX list", err);
    }
    write_word(p, id->id, strlen(id->id));
    p->names_deprecated |= id->deprecated;
    read_token(p);
    return STATUS_OK;
}

// "GPL-2.0+" is an identifier of its own that SPDX has deprecated, so the whole word is looked up
// before the "+" is taken off.
static enum status parse_id(struct license_parser *p, struct error *err) {
    struct text word = p->token;
    bool or_later = word.len > 1 && word.ptr[word.len - 1] == '+';
    const struct license_id *id = find_id(&license_ids, word);
    if (!id && or_later) {
        word.len--;
        id = find_id(&license_ids, word);
    } else {
        or_later = false;
    }
    if (id) {
        write_word(p, id->id, strlen(id->id));
        write_bytes(p, "+", or_later);
        p->names_deprecated |= id->deprecated;
    } else if (is_reference(p->token)) {
        write_word(p, "LicenseRef-", 11);
        write_bytes(p, p->token.ptr + 11, p->token.len - 11);
    } else {
        return refuse(p, "an identifier of the SPDX list, or LicenseRef-…,", err);
    }
    read_token(p);
    if (!next_is(p, "WITH")) {
        return STATUS_OK;
    }
    write_word(p, "WITH", 4);
    read_token(p);
    return parse_exception(p, err);
}

static enum status parse_alternatives(struct license_parser *p, struct error *err);

static enum status parse_operand(struct license_parser *p, struct error *err) {
    if (!text_equals(p->token, "(")) {
        return parse_id(p, err);
    }
    if (++p->depth > LIMIT_MARKER_DEPTH) {
        return fail(err, STATUS_TOO_LARGE, NULL, "a licence expression is nested deeper than %d",
                    LIMIT_MARKER_DEPTH);
    }
    write_word(p, "(", 1);
    read_token(p);
    enum status status = parse_alternatives(p, err);
    if (status) {
        return status;
    }
    if (!text_equals(p->token, ")")) {
        return refuse(p, "AND, OR or ')'", err);
    }
    write_bytes(p, ")", 1);
    read_token(p);
    p->depth--;
    return STATUS_OK;
}

// The expression is only checked and written in normal form, never evaluated; so AND and OR need no
// order of precedence here.
static enum status parse_alternatives(struct license_parser *p, struct error *err) {
    for (;;) {
        enum status status = parse_operand(p, err);
        if (status) {
            return status;
        }
        bool is_or = next_is(p, "OR");
        if (!is_or && !next_is(p, "AND")) {
            return STATUS_OK;
        }
        write_word(p, is_or ? "OR" : "AND", is_or ? 2 : 3);
        read_token(p);
    }
}

static enum status parse(struct license_parser *p, struct text text, struct error *err) {
    if (text.len > LIMIT_SHORT_TEXT_BYTES) {
        return fail(err, STATUS_TOO_LARGE, NULL, "a licence expression is over %d bytes",
                    LIMIT_SHORT_TEXT_BYTES);
    }
    text = text.ptr ? text : text_from("");
    *p = (struct license_parser){.whole = text, .rest = text};
    read_token(p);
    enum status status = parse_alternatives(p, err);
    if (status) {
        return status;
    }
    return p->token.len > 0 ? refuse(p, "AND, OR or the end", err) : STATUS_OK;
}

enum status license_parse(struct arena *arena, struct text text, struct license *ret_license,
                          struct error *err) {
    struct license_parser p;
    enum status status = parse(&p, text, err);
    if (status) {
        return status;
    }
    const char *expression = arena_copy(arena, p.out, p.out_len);
    if (!expression) {
        return fail_no_memory(err);
    }
    *ret_license = (struct license){expression, p.names_deprecated};
    return STATUS_OK;
}

enum status license_check(struct text text, struct error *err) {
    struct license_parser p;
    return parse(&p, text, err);
}
