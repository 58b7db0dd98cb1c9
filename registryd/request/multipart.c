// SPDX-License-Identifier: MIT
// A window of 64 KiB slides over the body: what is done with leaves it at its start, what arrives enters at its
// end. It always holds at least a whole delimiter, or a part's headers, before it is searched, so that neither is
// ever missed where two pieces of the body meet.
//
// One step per piece of the grammar: boundary, delimiter, header lines, parameters. There is no
// preamble, no epilogue, no folding, no escape and no encoding: a body that has one is refused.
//
//     --BOUNDARY CR LF
//     Content-Disposition: form-data; name="content"; filename="crm-1.0-py3-none-any.whl" CR LF
//     CR LF
//     ...the bytes, up to... CR LF --BOUNDARY     then CR LF and the next part, or -- and the end
//
#include "registryd/request/multipart.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { BOUNDARY_BYTES_MAX = 70, WINDOW_BYTES = 64 * 1024 };

struct multipart {
    struct arena *arena;
    const struct byte_source *source;
    const char *delimiter; // CR LF, two hyphens and the boundary
    size_t delimiter_len;
    size_t count;     // of parts so far
    bool is_in_part;  // its content is not yet read to its end
    bool is_finished; // the source has given everything
    struct text rest; // of the window: what is not yet done with
    char window[WINDOW_BYTES];
};

static const char type_name[] = "multipart/form-data";

bool multipart_is(const char *content_type) {
    size_t len = sizeof type_name - 1;
    return content_type && strncasecmp(content_type, type_name, len) == 0 &&
           (!content_type[len] || content_type[len] == ';' || is_space(content_type[len]));
}

static enum status malformed_part(const struct multipart *multipart, const char *what,
                                  struct error *err) {
    char where[32];
    snprintf(where, sizeof where, "part %zu", multipart->count);
    return fail(err, STATUS_MALFORMED, where, "The form is malformed: %s", what);
}

static bool starts_with(struct text text, const char *word) {
    size_t len = strlen(word);
    return text.len >= len && memcmp(text.ptr, word, len) == 0;
}

static bool skip(struct text *text, const char *word) {
    bool is_there = starts_with(*text, word);
    if (is_there) {
        text->ptr += strlen(word);
        text->len -= strlen(word);
    }
    return is_there;
}

static void skip_spaces(struct text *text) {
    while (text->len && (*text->ptr == ' ' || *text->ptr == '\t')) {
        text->ptr++;
        text->len--;
    }
}

// ---- parameters: `; name=token; name="text"` ----

static bool is_token_char(char c) {
    return is_alnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static size_t token_length(struct text text) {
    size_t len = 0;
    while (len < text.len && is_token_char(text.ptr[len])) {
        len++;
    }
    return len;
}

static struct text take_bytes(struct text *rest, size_t len) {
    struct text taken = {rest->ptr, len};
    rest->ptr += len;
    rest->len -= len;
    return taken;
}

// A token, or text between quotes without escapes. False when it is neither. A name with a quote in
// it is not that of a wheel or sdist, so an escape is refused and not interpreted.
static bool take_value(struct text *rest, struct text *ret_value) {
    if (!skip(rest, "\"")) {
        *ret_value = take_bytes(rest, token_length(*rest));
        return ret_value->len > 0;
    }
    const char *quote = memchr(rest->ptr, '"', rest->len);
    if (!quote || memchr(rest->ptr, '\\', (size_t)(quote - rest->ptr))) {
        return false;
    }
    *ret_value = take_bytes(rest, (size_t)(quote - rest->ptr));
    return skip(rest, "\"");
}

// The next parameter. False at the end, and with *ret_bad set when there is something else.
static bool next_parameter(struct text *rest, struct text *ret_name, struct text *ret_value,
                           bool *ret_bad) {
    skip_spaces(rest);
    if (!rest->len) {
        return false;
    }
    *ret_bad = !skip(rest, ";");
    skip_spaces(rest);
    *ret_name = take_bytes(rest, token_length(*rest));
    *ret_bad = *ret_bad || !ret_name->len || !skip(rest, "=") || !take_value(rest, ret_value);
    return !*ret_bad;
}

static bool is_word(struct text text, const char *word) {
    return text.len == strlen(word) && strncasecmp(text.ptr, word, text.len) == 0;
}

// ---- the window ----

// Reads until the window holds `wanted` bytes, or the body has ended.
static enum status fill(struct multipart *multipart, size_t wanted, struct error *err) {
    struct text *rest = &multipart->rest;
    if (rest->len >= wanted || multipart->is_finished) {
        return STATUS_OK;
    }
    memmove(multipart->window, rest->ptr, rest->len);
    rest->ptr = multipart->window;
    while (rest->len < wanted && !multipart->is_finished) {
        size_t got = 0;
        enum status status =
            multipart->source->read(multipart->source->context, multipart->window + rest->len,
                                    WINDOW_BYTES - rest->len, &got, err);
        if (status) {
            return status;
        }
        rest->len += got;
        multipart->is_finished = !got;
    }
    return STATUS_OK;
}

// ---- the whole ----

static bool is_boundary(struct text boundary) {
    if (!boundary.len || boundary.len > BOUNDARY_BYTES_MAX ||
        boundary.ptr[boundary.len - 1] == ' ') {
        return false;
    }
    for (size_t i = 0; i < boundary.len; i++) {
        char c = boundary.ptr[i];
        if (!is_alnum(c) && !(c && strchr("'()+_,-./:=? ", c))) {
            return false;
        }
    }
    return true;
}

// The boundary of the Content-Type; an empty view when there is no proper one.
static struct text find_boundary(const char *content_type) {
    struct text rest = text_from(content_type + sizeof type_name - 1);
    struct text boundary = {"", 0};
    struct text name;
    struct text value;
    bool bad = false;
    while (next_parameter(&rest, &name, &value, &bad)) {
        if (is_word(name, "boundary")) {
            bad = bad || boundary.len;
            boundary = value;
        }
    }
    return bad || !is_boundary(boundary) ? (struct text){"", 0} : boundary;
}

static enum status make(struct arena *arena, struct text boundary, const struct byte_source *source,
                        struct multipart **ret_multipart, struct error *err) {
    struct multipart *multipart = arena_alloc(arena, sizeof *multipart);
    // The delimiter begins with the line break before it, which does not belong to the content.
    const char *delimiter = arena_printf(arena, "\r\n--%.*s", (int)boundary.len, boundary.ptr);
    if (!multipart || !delimiter) {
        return fail_no_memory(err);
    }
    multipart->arena = arena;
    multipart->source = source;
    multipart->delimiter = delimiter;
    multipart->delimiter_len = strlen(delimiter);
    multipart->rest = (struct text){multipart->window, 0};
    *ret_multipart = multipart;
    return STATUS_OK;
}

enum status multipart_begin(struct arena *arena, const char *content_type,
                            const struct byte_source *source, struct multipart **ret_multipart,
                            struct error *err) {
    struct text boundary = find_boundary(content_type);
    struct multipart *multipart;
    if (!boundary.len) {
        return fail(err, STATUS_MALFORMED, "Content-Type",
                    "A form needs exactly one boundary of 1 to %d plain characters",
                    BOUNDARY_BYTES_MAX);
    }
    enum status status = make(arena, boundary, source, &multipart, err);
    if (status) {
        return status;
    }
    status = fill(multipart, multipart->delimiter_len, err);
    if (status) {
        return status;
    }
    // The first boundary needs no line break before it; old distutils sends one.
    if (!skip(&multipart->rest, multipart->delimiter) &&
        !skip(&multipart->rest, multipart->delimiter + 2)) {
        return fail(err, STATUS_MALFORMED, NULL, "The form must begin with its boundary");
    }
    *ret_multipart = multipart;
    return STATUS_OK;
}

// ---- one part ----

static enum status copy_text(const struct multipart *multipart, struct text text,
                             const char **ret_copy, struct error *err) {
    if (*ret_copy) {
        return malformed_part(multipart, "a parameter is given twice", err);
    }
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f) {
            return malformed_part(multipart, "a header contains a control character", err);
        }
    }
    if (!utf8_is_valid(text.ptr, text.len)) {
        return malformed_part(multipart, "a text is not valid UTF-8", err);
    }
    *ret_copy = arena_copy(multipart->arena, text.ptr, text.len);
    return *ret_copy ? STATUS_OK : fail_no_memory(err);
}

static enum status read_disposition(const struct multipart *multipart, struct text value,
                                    struct multipart_part *part, struct error *err) {
    struct text name;
    struct text parameter;
    bool bad = false;
    struct text type = take_bytes(&value, token_length(value));
    if (!is_word(type, "form-data") || part->name) {
        return malformed_part(multipart,
                              "each part needs exactly one Content-Disposition: form-data", err);
    }
    while (next_parameter(&value, &name, &parameter, &bad)) {
        bool is_name = is_word(name, "name");
        if (!is_name && !is_word(name, "filename")) {
            return malformed_part(multipart, "Content-Disposition takes only name and filename",
                                  err);
        }
        enum status status =
            copy_text(multipart, parameter, is_name ? &part->name : &part->filename, err);
        if (status) {
            return status;
        }
    }
    return bad || !part->name
               ? malformed_part(multipart,
                                "the name in Content-Disposition is missing or not valid", err)
               : STATUS_OK;
}

static enum status read_header(const struct multipart *multipart, struct text line,
                               struct multipart_part *part, struct error *err) {
    struct text name = take_bytes(&line, token_length(line));
    if (!name.len || !skip(&line, ":")) {
        return malformed_part(multipart, "a header must have the form \"Name: value\"", err);
    }
    struct text value = text_trim(line);
    if (is_word(name, "Content-Disposition")) {
        return read_disposition(multipart, value, part, err);
    }
    if (is_word(name, "Content-Type")) {
        return copy_text(multipart, value, &part->content_type, err);
    }
    bool is_plain =
        is_word(name, "Content-Length") || (is_word(name, "Content-Transfer-Encoding") &&
                                            (is_word(value, "binary") || is_word(value, "8bit")));
    return is_plain ? STATUS_OK
                    : malformed_part(multipart, "a header is not allowed in a form field", err);
}

// The header lines, down to and with the empty one.
static enum status read_headers(struct multipart *multipart, struct multipart_part *part,
                                struct error *err) {
    // For all header lines of a part together, so that a part without an end is found early.
    size_t room = MULTIPART_HEADERS_BYTES_MAX;
    enum status status = fill(multipart, room, err);
    while (!status) {
        size_t reach = multipart->rest.len < room ? multipart->rest.len : room;
        const char *end = memmem(multipart->rest.ptr, reach, "\r\n", 2);
        if (!end) {
            return malformed_part(multipart, "the headers of a part do not end", err);
        }
        struct text line = take_bytes(&multipart->rest, (size_t)(end - multipart->rest.ptr));
        skip(&multipart->rest, "\r\n");
        if (!line.len) {
            break;
        }
        room -= line.len + 2;
        status = read_header(multipart, line, part, err);
    }
    if (status) {
        return status;
    }
    return part->name ? STATUS_OK
                      : malformed_part(multipart, "a part has no Content-Disposition", err);
}

// As far as the window shows no delimiter, its bytes are content: all but so many at its end as the beginning of
// a delimiter may have. A file that contained the boundary would have made the client choose another.
enum status multipart_read(struct multipart *multipart, struct text *ret_piece, struct error *err) {
    struct text *rest = &multipart->rest;
    *ret_piece = (struct text){"", 0};
    if (!multipart->is_in_part) {
        return STATUS_OK;
    }
    enum status status = fill(multipart, multipart->delimiter_len, err);
    if (status) {
        return status;
    }
    const char *end = memmem(rest->ptr, rest->len, multipart->delimiter, multipart->delimiter_len);
    if (end == rest->ptr && end) {
        take_bytes(rest, multipart->delimiter_len);
        multipart->is_in_part = false;
        return STATUS_OK;
    }
    if (!end && rest->len < multipart->delimiter_len) {
        return malformed_part(multipart, "a part does not end with the boundary", err);
    }
    size_t len = end ? (size_t)(end - rest->ptr) : rest->len - (multipart->delimiter_len - 1);
    *ret_piece = take_bytes(rest, len);
    return STATUS_OK;
}

static void cleanup_buffer(struct buffer *buffer) {
    buffer_done(buffer);
}

enum status multipart_read_text(struct multipart *multipart, size_t max_bytes,
                                const char **ret_text, struct error *err) {
    scoped(cleanup_buffer) struct buffer content;
    struct text piece;
    buffer_init(&content, max_bytes);
    do {
        enum status status = multipart_read(multipart, &piece, err);
        if (status) {
            return status;
        }
        buffer_add(&content, piece.ptr, piece.len);
    } while (piece.len && !content.failed);
    if (content.failed == STATUS_TOO_LARGE) {
        return fail(err, STATUS_TOO_LARGE, NULL, "A field of the form has more than %zu bytes",
                    max_bytes);
    }
    if (content.len &&
        (text_has_nul(content.ptr, content.len) || !utf8_is_valid(content.ptr, content.len))) {
        return malformed_part(multipart, "a text is not valid UTF-8", err);
    }
    const char *text =
        content.failed ? NULL
                       : arena_copy(multipart->arena, content.len ? content.ptr : "", content.len);
    if (!text) {
        return fail_no_memory(err);
    }
    *ret_text = text;
    return STATUS_OK;
}

static enum status skip_content(struct multipart *multipart, struct error *err) {
    enum status status = STATUS_OK;
    while (multipart->is_in_part && !status) {
        struct text piece;
        status = multipart_read(multipart, &piece, err);
    }
    return status;
}

// "--" behind the delimiter, then nothing but a line break to the end of the body.
static bool is_end(struct text rest) {
    bool closed = skip(&rest, "--");
    skip(&rest, "\r\n");
    return closed && !rest.len;
}

enum status multipart_next(struct multipart *multipart, struct multipart_part *ret_part,
                           bool *ret_found, struct error *err) {
    static const char longest_end[] = "--\r\n";
    struct multipart_part part = {0};
    *ret_found = false;
    enum status status = skip_content(multipart, err);
    if (status) {
        return status;
    }
    status = fill(multipart, sizeof longest_end, err); // one byte more than the end has
    if (status || is_end(multipart->rest)) {
        return status;
    }
    // A form with thousands of parts is work for nothing; a file has one, and package tools send
    // some dozens of fields.
    if (++multipart->count > MULTIPART_PARTS_MAX) {
        return fail(err, STATUS_TOO_LARGE, NULL, "A form may have at most %d parts",
                    MULTIPART_PARTS_MAX);
    }
    if (!skip(&multipart->rest, "\r\n")) {
        return malformed_part(multipart, "text follows a boundary on its line", err);
    }
    status = read_headers(multipart, &part, err);
    if (status) {
        return status;
    }
    multipart->is_in_part = true;
    *ret_part = part;
    *ret_found = true;
    return STATUS_OK;
}
