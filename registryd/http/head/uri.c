// SPDX-License-Identifier: MIT
// The decoder works on one piece at a time: a segment, a parameter's name, a parameter's value. So an escaped
// separator can never become a separator: /packages/a%2Fb has two segments, and the second is refused for
// the slash in it. Pure functions; any thread.
//
// One resource has one address. Empty segments, "." and "..", escapes of characters that need none, and bytes
// that are not UTF-8 once decoded are refused rather than put right. Otherwise a proxy's rule about /metrics
// would not hold for /%6detrics, and a log would show another path than was asked for.
#include "registryd/http/head/uri.h"

#include "schema/base/limits.h"
#include "schema/base/text.h"

#include <string.h>

// RFC 3986 takes both cases of the digits.
static int hex_value(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    char lower = to_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// U+0080 to U+009F: terminals obey some of them.
static bool has_c1_control(const char *text, size_t len) {
    for (size_t i = 0; i + 1 < len; i++) {
        if ((unsigned char)text[i] == 0xc2 && (unsigned char)text[i + 1] < 0xa0) {
            return true;
        }
    }
    return false;
}

enum { ESCAPE_LENGTH = 3 };

// Exactly two digits: "%4" and "%zz" are errors, not text.
static enum status decode_escape(struct text raw, size_t at, const char *where, char *ret_byte,
                                 struct error *err) {
    int high = at + 2 < raw.len ? hex_value(raw.ptr[at + 1]) : -1;
    int low = at + 2 < raw.len ? hex_value(raw.ptr[at + 2]) : -1;
    if (high < 0 || low < 0) {
        return fail(err, STATUS_MALFORMED, where,
                    "A percent sign must be followed by two hexadecimal digits");
    }
    *ret_byte = (char)(high * 16 + low);
    return STATUS_OK;
}

// What needs no escape (RFC 3986, 2.3). A path has one spelling only, so that a rule of a proxy about
// /metrics is about all requests that reach /metrics.
static bool is_unreserved(char c) {
    return is_alnum(c) || (c && strchr("-._~", c));
}

// `plus` says that '+' means a space (in a query).
static enum status decode(struct arena *arena, struct text raw, const char *where, bool plus,
                          const char **ret_text, struct error *err) {
    char *text = arena_alloc(arena, raw.len + 1);
    if (!text) {
        return fail_no_memory(err);
    }
    size_t len = 0;
    for (size_t at = 0; at < raw.len; len++) {
        text[len] = plus && raw.ptr[at] == '+' ? ' ' : raw.ptr[at];
        if (raw.ptr[at] != '%') {
            at++;
            continue;
        }
        enum status status = decode_escape(raw, at, where, &text[len], err);
        if (status) {
            return status;
        }
        if (!plus && is_unreserved(text[len])) {
            return fail(err, STATUS_MALFORMED, where,
                        "Letters, digits and - . _ ~ must not be percent-encoded in a path");
        }
        if (is_control(text[len])) {
            return fail(err, STATUS_MALFORMED, where, "Control characters are not accepted");
        }
        at += ESCAPE_LENGTH;
    }
    if (!utf8_is_valid(text, len) || has_c1_control(text, len)) {
        return fail(err, STATUS_MALFORMED, where, "The address must be UTF-8 text once decoded");
    }
    *ret_text = text;
    return STATUS_OK;
}

// Plain characters. A path takes those of RFC 3986; a query takes what browsers leave as it is, too.
static bool plain_is_allowed(char c, bool in_query) {
    if (is_alnum(c)) {
        return true;
    }
    if ((unsigned char)c <= 0x20 || (unsigned char)c >= 0x7f || c == '#') {
        return false;
    }
    return in_query || !strchr("\"<>\\^`{|}[]", c);
}

static enum status check_plain(struct text raw, const char *where, bool in_query,
                               struct error *err) {
    for (size_t i = 0; i < raw.len; i++) {
        if (!plain_is_allowed(raw.ptr[i], in_query)) {
            return fail(err, STATUS_MALFORMED, where,
                        "Byte 0x%02x must be percent-encoded in an address",
                        (unsigned char)raw.ptr[i]);
        }
    }
    return STATUS_OK;
}

// Once decoded: the escaped forms are caught as well. Backslashes are separators for some browsers.
static enum status check_segment(const char *segment, struct error *err) {
    if (strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0) {
        return fail(err, STATUS_MALFORMED, "path", "The segments . and .. are not accepted");
    }
    if (strpbrk(segment, "/\\")) {
        return fail(err, STATUS_MALFORMED, "path",
                    "Escaped slashes and backslashes are not accepted");
    }
    return STATUS_OK;
}

// The decoded path, for messages and logs.
static enum status join_segments(struct arena *arena, struct uri *uri, struct error *err) {
    size_t len = 1;
    for (size_t i = 0; i < uri->segment_count; i++) {
        len += strlen(uri->segments[i]) + 1;
    }
    char *path = arena_alloc(arena, len + 1);
    if (!path) {
        return fail_no_memory(err);
    }
    char *end = path;
    for (size_t i = 0; i < uri->segment_count; i++) {
        size_t part = strlen(uri->segments[i]);
        *end++ = '/';
        memcpy(end, uri->segments[i], part);
        end += part;
    }
    if (uri->trailing_slash || !uri->segment_count) {
        *end++ = '/';
    }
    uri->path = path;
    return STATUS_OK;
}

static enum status parse_segments(struct arena *arena, struct text rest, struct uri *uri,
                                  struct error *err) {
    const char **segments = arena_array(arena, LIMIT_PATH_SEGMENTS, sizeof *segments);
    if (!segments) {
        return fail_no_memory(err);
    }
    uri->segments = segments;
    struct text piece;
    while (text_split(&rest, '/', &piece)) {
        // An empty last piece is the slash at the end, as in "/simple/crm/". The path "/" alone has
        // no segment.
        if (!piece.len && !rest.ptr) {
            uri->trailing_slash = uri->segment_count > 0;
            break;
        }
        if (!piece.len) {
            return fail(err, STATUS_MALFORMED, "path", "Empty segments (//) are not accepted");
        }
        if (uri->segment_count == LIMIT_PATH_SEGMENTS) {
            return fail(err, STATUS_HEADERS_TOO_LARGE, "path", "The path has more than %d segments",
                        LIMIT_PATH_SEGMENTS);
        }
        const char **segment = &segments[uri->segment_count++];
        enum status status = decode(arena, piece, "path", false, segment, err);
        if (status) {
            return status;
        }
        status = check_segment(*segment, err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status parse_path(struct arena *arena, struct text path, struct uri *uri,
                              struct error *err) {
    if (!path.len || path.ptr[0] != '/') {
        return fail(err, STATUS_MALFORMED, "path", "The address must be a path that begins with /");
    }
    if (path.len > LIMIT_PATH_BYTES) {
        return fail(err, STATUS_HEADERS_TOO_LARGE, "path", "The path is longer than %d bytes",
                    LIMIT_PATH_BYTES);
    }
    enum status status = check_plain(path, "path", false, err);
    if (status) {
        return status;
    }
    status = parse_segments(arena, (struct text){path.ptr + 1, path.len - 1}, uri, err);
    if (status) {
        return status;
    }
    return join_segments(arena, uri, err);
}

// An upper bound for the parameters, so that one array holds them all.
static size_t count_pieces(struct text query) {
    size_t count = 1;
    for (size_t i = 0; i < query.len; i++) {
        count += query.ptr[i] == '&';
    }
    return count;
}

// "a=b", "a=" and "a" have a value, which may be empty; "=b" has no name and is refused.
static enum status parse_parameter(struct arena *arena, struct text piece,
                                   struct parameter *parameter, struct error *err) {
    struct text name;
    text_split(&piece, '=', &name);
    if (!name.len) {
        return fail(err, STATUS_MALFORMED, "query", "A query parameter has no name");
    }
    enum status status = decode(arena, name, "query", true, &parameter->name, err);
    struct text value = piece.ptr ? piece : (struct text){"", 0};
    return status ? status : decode(arena, value, "query", true, &parameter->value, err);
}

// "a=1&&b=2" is accepted: empty pieces are skipped.
static enum status parse_query(struct arena *arena, struct text query, struct uri *uri,
                               struct error *err) {
    if (query.len > LIMIT_QUERY_BYTES) {
        return fail(err, STATUS_HEADERS_TOO_LARGE, "query", "The query is longer than %d bytes",
                    LIMIT_QUERY_BYTES);
    }
    size_t room = count_pieces(query);
    if (room > LIMIT_QUERY_PARAMETERS) {
        return fail(err, STATUS_HEADERS_TOO_LARGE, "query", "The query has more than %d parameters",
                    LIMIT_QUERY_PARAMETERS);
    }
    enum status status = check_plain(query, "query", true, err);
    if (status) {
        return status;
    }
    struct parameter *parameters = arena_array(arena, room, sizeof *parameters);
    if (!parameters) {
        return fail_no_memory(err);
    }
    uri->query = parameters;
    struct text piece;
    while (text_split(&query, '&', &piece)) {
        if (!piece.len) {
            continue;
        }
        status = parse_parameter(arena, piece, &parameters[uri->query_count], err);
        if (status) {
            return status;
        }
        uri->query_count++;
    }
    return STATUS_OK;
}

enum status uri_parse(struct arena *arena, struct text path, struct text query, struct uri *ret_uri,
                      struct error *err) {
    struct uri uri = {0};
    enum status status = parse_path(arena, path, &uri, err);
    if (status) {
        return status;
    }
    if (query.ptr && query.len) {
        status = parse_query(arena, query, &uri, err);
    }
    if (status) {
        return status;
    }
    *ret_uri = uri;
    return STATUS_OK;
}
