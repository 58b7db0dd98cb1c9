// SPDX-License-Identifier: MIT
// Requirements, part after part: name, extras, then a URI or specifiers, then the marker. Blanks are
// spaces and tabs, as the grammar of PEP 508 says. The normal form is written at the end and stored; it
// reads back as the same requirement, and two spellings of one requirement share one verdict when the
// resolver judges a hundred thousand releases.
//
//     requirement: name ["[" extra ("," extra)* "]"] ("@" URI | ["("] specifiers [")"]) [";" marker]
//     crm[mail,sms]>=1.0,<2; python_version >= "3.9"
//     crm @ https://example.org/crm-1.0.whl ; os_name == "posix"      a blank ends the URI
#include "schema/packaging/requirement/requirement.h"

#include "schema/base/limits.h"
#include "schema/packaging/name.h"
#include "schema/base/quote.h"

#include <string.h>

struct requirement_cursor {
    struct arena *arena;
    struct text whole; // for messages
    struct text rest;  // what was not read yet
};

static void advance(struct requirement_cursor *c, size_t count) {
    c->rest.ptr += count;
    c->rest.len -= count;
}

static void skip_blanks(struct requirement_cursor *c) {
    while (c->rest.len && (c->rest.ptr[0] == ' ' || c->rest.ptr[0] == '\t')) {
        advance(c, 1);
    }
}

static bool next_is(const struct requirement_cursor *c, char wanted) {
    return c->rest.len && c->rest.ptr[0] == wanted;
}

static enum status refuse(const struct requirement_cursor *c, const char *fault,
                          struct error *err) {
    return fail(err, STATUS_INVALID, NULL, "%s is not a requirement (PEP 508): %s",
                quote_text(c->whole).text, fault);
}

// The characters a name may hold, at the cursor; what they make is for the caller to judge.
// Greedy, and judged afterwards: "crm-" must be refused as a name, not cut.
static struct text read_name(struct requirement_cursor *c) {
    struct text name = {c->rest.ptr, 0};
    while (name.len < c->rest.len && (is_alnum(name.ptr[name.len]) || name.ptr[name.len] == '-' ||
                                      name.ptr[name.len] == '_' || name.ptr[name.len] == '.')) {
        name.len++;
    }
    advance(c, name.len);
    return name;
}

static enum status parse_name(struct requirement_cursor *c, struct requirement *requirement,
                              struct error *err) {
    struct text name = read_name(c);
    if (!name_is_valid(name)) {
        return refuse(c, "it must begin with the name of a package", err);
    }
    requirement->name = arena_copy(c->arena, name.ptr, name.len);
    if (!requirement->name) {
        return fail_no_memory(err);
    }
    return name_normalize(c->arena, name, &requirement->normalized_name, err);
}

// Puts `extra` into its place among those sorted before it, unless it is there already.
// Sorted and each once, so that crm[b,a] and crm[a,b,a] have one normal form.
static void insert_extra(const char **extras, size_t *count, const char *extra) {
    size_t at = *count;
    while (at > 0 && strcmp(extras[at - 1], extra) > 0) {
        at--;
    }
    if (at > 0 && strcmp(extras[at - 1], extra) == 0) {
        return;
    }
    memmove(extras + at + 1, extras + at, (*count - at) * sizeof *extras);
    extras[at] = extra;
    (*count)++;
}

// insert_extra keeps the list sorted and without doubles.
static enum status parse_extra(struct requirement_cursor *c, const char **extras, size_t *count,
                               struct error *err) {
    skip_blanks(c);
    struct text name = read_name(c);
    const char *normalized;
    if (!name_is_valid(name)) {
        return refuse(c, "the brackets must hold names of extras, joined by commas", err);
    }
    enum status status = name_normalize(c->arena, name, &normalized, err);
    if (status) {
        return status;
    }
    insert_extra(extras, count, normalized);
    skip_blanks(c);
    return STATUS_OK;
}

static size_t count_commas(struct text text) {
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] == ',';
    }
    return count;
}

static enum status parse_extras(struct requirement_cursor *c, struct requirement *requirement,
                                struct error *err) {
    if (!next_is(c, '[')) {
        return STATUS_OK;
    }
    advance(c, 1);
    skip_blanks(c);
    const char **extras = arena_array(c->arena, count_commas(c->rest) + 1, sizeof *extras);
    if (!extras) {
        return fail_no_memory(err);
    }
    bool more = !next_is(c, ']');
    while (more) {
        enum status status = parse_extra(c, extras, &requirement->extra_count, err);
        if (status) {
            return status;
        }
        more = next_is(c, ',');
        advance(c, more);
    }
    if (!next_is(c, ']')) {
        return refuse(c, "the brackets must hold names of extras, joined by commas", err);
    }
    advance(c, 1);
    requirement->extras = extras;
    return STATUS_OK;
}

// An absolute URI (RFC 3986): a scheme, ':', and something behind it. With "//" and nothing between it
// and the path there is no host, which only file URLs do without.
static bool is_uri(struct text uri) {
    size_t colon = 0;
    while (colon < uri.len && (is_alnum(uri.ptr[colon]) || uri.ptr[colon] == '+' ||
                               uri.ptr[colon] == '-' || uri.ptr[colon] == '.')) {
        colon++;
    }
    if (colon == 0 || !is_alpha(uri.ptr[0]) || uri.len < colon + 2 || uri.ptr[colon] != ':') {
        return false;
    }
    for (size_t i = 0; i < uri.len; i++) {
        if ((unsigned char)uri.ptr[i] < ' ' || uri.ptr[i] == 0x7f) {
            return false;
        }
    }
    bool has_authority = uri.len >= colon + 3 && memcmp(uri.ptr + colon, "://", 3) == 0;
    bool is_file = colon == 4 && strncasecmp(uri.ptr, "file", 4) == 0;
    bool has_host = uri.len > colon + 3 && !strchr("/?#", uri.ptr[colon + 3]);
    return !has_authority || has_host || (is_file && uri.len > colon + 3);
}

// A URL ends at white space: in "x @ https://h/x.whl; python_version > '3'" the semicolon is part of
// the URL, as the specification says.
static enum status parse_url(struct requirement_cursor *c, struct requirement *requirement,
                             struct error *err) {
    skip_blanks(c);
    struct text url = {c->rest.ptr, 0};
    while (url.len < c->rest.len && url.ptr[url.len] != ' ' && url.ptr[url.len] != '\t') {
        url.len++;
    }
    if (!is_uri(url)) {
        return refuse(c,
                      "after '@' a URI with its scheme is wanted, such as "
                      "https://example.org/x.whl or file:/srv/x.whl",
                      err);
    }
    advance(c, url.len);
    requirement->url = arena_copy(c->arena, url.ptr, url.len);
    return requirement->url ? STATUS_OK : fail_no_memory(err);
}

// A clause between all commas; one comma may end the list.
// ">=1,,<2" is refused, ">=1," is accepted.
static bool has_empty_clause(struct text specifiers) {
    struct text piece;
    bool empty = false;
    while (text_split(&specifiers, ',', &piece)) {
        if (empty) {
            return true;
        }
        empty = text_trim(piece).len == 0;
        if (empty && !specifiers.ptr) {
            return false;
        }
    }
    return false;
}

// "crm (>=1.0)" is the spelling of old metadata.
static enum status parse_specifiers(struct requirement_cursor *c, struct requirement *requirement,
                                    struct error *err) {
    bool parentheses = next_is(c, '(');
    advance(c, parentheses);
    struct text text = {c->rest.ptr, 0};
    while (text.len < c->rest.len && text.ptr[text.len] != ';' && text.ptr[text.len] != ')') {
        text.len++;
    }
    advance(c, text.len);
    if (parentheses && !next_is(c, ')')) {
        return refuse(c, "'(' has no ')'", err);
    }
    advance(c, parentheses);
    if (text_equals(text_trim(text), ",") || has_empty_clause(text)) {
        return refuse(c, "a version specifier is missing beside a comma", err);
    }
    struct error inner = {0};
    enum status status = specifier_set_parse(c->arena, text, &requirement->specifiers, &inner);
    if (status == STATUS_INVALID) {
        return refuse(c, inner.message, err);
    }
    return status == STATUS_OK ? STATUS_OK : fail(err, status, NULL, "%s", inner.message);
}

// "@ URI": every version fits.
static enum status parse_reference(struct requirement_cursor *c, struct requirement *requirement,
                                   struct error *err) {
    advance(c, 1);
    enum status status =
        specifier_set_parse(c->arena, (struct text){0}, &requirement->specifiers, err);
    if (status) {
        return status;
    }
    return parse_url(c, requirement, err);
}

// A URI may hold ';', so a blank must stand before the one that begins a marker.
static enum status parse_marker(struct requirement_cursor *c, struct requirement *requirement,
                                struct error *err) {
    bool blank_needed = requirement->url != NULL;
    bool blank = next_is(c, ' ') || next_is(c, '\t');
    skip_blanks(c);
    if (c->rest.len == 0) {
        return STATUS_OK;
    }
    if (!next_is(c, ';') || (blank_needed && !blank)) {
        return refuse(c, "after name, extras and versions only '; marker' may follow", err);
    }
    advance(c, 1);
    return marker_parse(c->arena, c->rest, &requirement->marker, err);
}

// PEP 508: name, extras, then either "@ URL" or version specifiers, then a marker.
static enum status parse_parts(struct requirement_cursor *c, struct requirement *requirement,
                               struct error *err) {
    skip_blanks(c);
    enum status status = parse_name(c, requirement, err);
    if (status) {
        return status;
    }
    skip_blanks(c);
    status = parse_extras(c, requirement, err);
    if (status) {
        return status;
    }
    skip_blanks(c);
    status = next_is(c, '@') ? parse_reference(c, requirement, err)
                             : parse_specifiers(c, requirement, err);
    if (status) {
        return status;
    }
    return parse_marker(c, requirement, err);
}

// crm[mail,sms]<2,>=1.0; python_version >= "3.9"     name as written, everything else in its one order
static enum status make_string(struct arena *arena, struct requirement *requirement,
                               struct error *err) {
    struct buffer out;
    buffer_init(&out, LIMIT_REQUIREMENT_BYTES); // or it could not be read back
    buffer_add_string(&out, requirement->name);
    for (size_t i = 0; i < requirement->extra_count; i++) {
        buffer_printf(&out, "%s%s", i ? "," : "[", requirement->extras[i]);
    }
    buffer_add_string(&out, requirement->extra_count ? "]" : "");
    buffer_add_string(&out, specifier_set_string(requirement->specifiers));
    if (requirement->url) {
        buffer_printf(&out, " @ %s%s", requirement->url, requirement->marker ? " " : "");
    }
    if (requirement->marker) {
        buffer_printf(&out, "; %s", marker_string(requirement->marker));
    }
    enum status status = out.failed;
    requirement->string = status == STATUS_OK ? arena_copy(arena, out.ptr, out.len) : NULL;
    buffer_done(&out);
    if (status == STATUS_TOO_LARGE) {
        return fail(err, status, NULL,
                    "the requirement on '%s' is over %d bytes in its normal form",
                    requirement->name, LIMIT_REQUIREMENT_BYTES);
    }
    return requirement->string ? STATUS_OK : fail_no_memory(err);
}

static bool is_one_line(struct text text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (((unsigned char)c < ' ' && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return utf8_is_valid(text.ptr, text.len);
}

// What no part of a requirement can survive.
static enum status check_text(struct text text, struct error *err) {
    if (text.len > LIMIT_REQUIREMENT_BYTES) {
        return fail(err, STATUS_TOO_LARGE, NULL,
                    "the requirement %s is %zu bytes long, at most %d are allowed",
                    quote_text(text).text, text.len, LIMIT_REQUIREMENT_BYTES);
    }
    if (!is_one_line(text)) {
        return fail(err, STATUS_INVALID, NULL,
                    "the requirement %s is not one line of UTF-8 without control characters",
                    quote_text(text).text);
    }
    return STATUS_OK;
}

enum status requirement_parse(struct arena *arena, struct text text,
                              const struct requirement **ret_requirement, struct error *err) {
    enum status status = check_text(text, err);
    if (status) {
        return status;
    }
    struct requirement *requirement = arena_alloc(arena, sizeof *requirement);
    if (!requirement) {
        return fail_no_memory(err);
    }
    text = text.ptr ? text : text_from("");
    struct requirement_cursor c = {arena, text, text};
    status = parse_parts(&c, requirement, err);
    if (status) {
        return status;
    }
    status = make_string(arena, requirement, err);
    if (status) {
        return status;
    }
    *ret_requirement = requirement;
    return STATUS_OK;
}

struct marker_result requirement_applies(const struct requirement *requirement,
                                         const struct marker_environment *environment) {
    static const struct marker_result always = {.truth = TRUTH_TRUE};
    return requirement->marker ? marker_evaluate(requirement->marker, environment) : always;
}
