// SPDX-License-Identifier: MIT
// The last step before the bytes go out. The head is put together from fixed pieces: this runs once for each
// request on the path that must be fast, so it formats little. Called on civetweb's workers; the only
// user of zlib in the daemon.
//
// A body is packed when the client asks for it, when it has a kilobyte or more, and when that makes it
// shorter. JSON and HTML shrink to a fifth or less, so room for a quarter is taken first: many clients that
// read slowly hold little.
#include "registryd/http/response.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

// ---- compression ----

enum {
    GZIP_WINDOW_BITS = 15 + 16, // the largest window, with a gzip header
    MEMORY_LEVEL = 8,
    FIRST_DIVISOR = 4,
    FIRST_BYTES_MIN = 1024,
};

// Room for `size` bytes, with what has been packed already.
static bool make_room(struct arena *arena, z_stream *stream, Bytef **packed, size_t size) {
    Bytef *room = arena_alloc(arena, size);
    if (!room) {
        return false;
    }
    if (*packed) {
        memcpy(room, *packed, stream->total_out);
    }
    *packed = room;
    stream->next_out = room + stream->total_out;
    stream->avail_out = (uInt)(size - stream->total_out);
    return true;
}

static enum status pack(struct arena *arena, z_stream *stream, size_t len, Bytef **ret_packed) {
    size_t first = len / FIRST_DIVISOR > FIRST_BYTES_MIN ? len / FIRST_DIVISOR : len;
    if (!make_room(arena, stream, ret_packed, first)) {
        return STATUS_NO_MEMORY;
    }
    int result = deflate(stream, Z_FINISH);
    if (result == Z_STREAM_END) {
        return STATUS_OK;
    }
    if (first == len || !make_room(arena, stream, ret_packed, len)) {
        return first == len ? STATUS_TOO_LARGE : STATUS_NO_MEMORY;
    }
    return deflate(stream, Z_FINISH) == Z_STREAM_END ? STATUS_OK : STATUS_TOO_LARGE;
}

// The bytes as one gzip member, in the arena. Fails with: NO_MEMORY, TOO_LARGE (no gain: the packed form would
// not be shorter). The caller sends the plain bytes then.
static enum status pack_body(struct arena *arena, struct text plain, struct text *ret_packed) {
    if (plain.len > INT_MAX) {
        return STATUS_TOO_LARGE;
    }
    z_stream stream = {.next_in = (z_const Bytef *)plain.ptr, .avail_in = (uInt)plain.len};
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW_BITS, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return STATUS_NO_MEMORY;
    }
    Bytef *packed = NULL;
    enum status status = pack(arena, &stream, plain.len, &packed);
    size_t len = stream.total_out;
    deflateEnd(&stream);
    if (status) {
        return status;
    }
    *ret_packed = (struct text){(const char *)packed, len};
    return STATUS_OK;
}

// ---- the head ----

static const struct {
    int code;
    const char *line;
} status_lines[] = {
    {200, "HTTP/1.1 200 OK\r\n"},
    {201, "HTTP/1.1 201 Created\r\n"},
    {202, "HTTP/1.1 202 Accepted\r\n"},
    {204, "HTTP/1.1 204 No Content\r\n"},
    {206, "HTTP/1.1 206 Partial Content\r\n"},
    {301, "HTTP/1.1 301 Moved Permanently\r\n"},
    {303, "HTTP/1.1 303 See Other\r\n"},
    {304, "HTTP/1.1 304 Not Modified\r\n"},
    {400, "HTTP/1.1 400 Bad Request\r\n"},
    {401, "HTTP/1.1 401 Unauthorized\r\n"},
    {403, "HTTP/1.1 403 Forbidden\r\n"},
    {404, "HTTP/1.1 404 Not Found\r\n"},
    {405, "HTTP/1.1 405 Method Not Allowed\r\n"},
    {406, "HTTP/1.1 406 Not Acceptable\r\n"},
    {408, "HTTP/1.1 408 Request Timeout\r\n"},
    {409, "HTTP/1.1 409 Conflict\r\n"},
    {410, "HTTP/1.1 410 Gone\r\n"},
    {411, "HTTP/1.1 411 Length Required\r\n"},
    {412, "HTTP/1.1 412 Precondition Failed\r\n"},
    {413, "HTTP/1.1 413 Content Too Large\r\n"},
    {415, "HTTP/1.1 415 Unsupported Media Type\r\n"},
    {416, "HTTP/1.1 416 Range Not Satisfiable\r\n"},
    {417, "HTTP/1.1 417 Expectation Failed\r\n"},
    {422, "HTTP/1.1 422 Unprocessable Content\r\n"},
    {429, "HTTP/1.1 429 Too Many Requests\r\n"},
    {431, "HTTP/1.1 431 Request Header Fields Too Large\r\n"},
    {500, "HTTP/1.1 500 Internal Server Error\r\n"},
    {501, "HTTP/1.1 501 Not Implemented\r\n"},
    {502, "HTTP/1.1 502 Bad Gateway\r\n"},
    {503, "HTTP/1.1 503 Service Unavailable\r\n"},
    {507, "HTTP/1.1 507 Insufficient Storage\r\n"},
};

// On every answer, pages and data alike: nothing from elsewhere is loaded, nothing is framed, nothing
// written into a page runs, nothing of the visitor is passed on.
static const char fixed_headers[] =
    "X-Content-Type-Options: nosniff\r\n"
    "Permissions-Policy: camera=(), geolocation=(), microphone=()\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'";
static const char fixed_policy[] = "; script-src 'self'; base-uri 'none'; form-action ";
static const char policy[] = "'none'; frame-ancestors 'none'\r\nReferrer-Policy: no-referrer\r\n";
// With no-referrer a browser would send "Origin: null" with a form, which says nothing.
static const char policy_with_forms[] =
    "'self'; frame-ancestors 'none'\r\nReferrer-Policy: same-origin\r\n";

// The hosts were checked when the daemon started.
static void add_image_hosts(struct buffer *head, const char *list) {
    struct text rest = text_from(list);
    struct text host;
    while (text_split(&rest, ',', &host)) {
        host = text_trim(host);
        buffer_add_string(head, " https://");
        buffer_add(head, host.ptr, host.len);
    }
}

static void add_policy(struct buffer *head, const struct reply *reply) {
    buffer_add(head, fixed_headers, sizeof fixed_headers - 1);
    add_image_hosts(head, reply->image_hosts);
    buffer_add(head, fixed_policy, sizeof fixed_policy - 1);
    if (reply->has_forms) {
        buffer_add(head, policy_with_forms, sizeof policy_with_forms - 1);
    } else {
        buffer_add(head, policy, sizeof policy - 1);
    }
}

static void add_status_line(struct buffer *head, int code, const char *reason) {
    if (reason) {
        buffer_printf(head, "HTTP/1.1 %03d %s\r\n", code, reason);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(status_lines); i++) {
        if (status_lines[i].code == code) {
            buffer_add_string(head, status_lines[i].line);
            return;
        }
    }
    buffer_printf(head, "HTTP/1.1 %03d \r\n", code);
}

static void add_header(struct buffer *head, const char *name, const char *value) {
    if (value) {
        buffer_add_string(head, name);
        buffer_add_string(head, ": ");
        buffer_add_string(head, value);
        buffer_add(head, "\r\n", 2);
    }
}

static void add_number(struct buffer *head, const char *name, int64_t value) {
    char text[24];
    char *digit = text + sizeof text - 1;
    *digit = '\0';
    do {
        *--digit = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    add_header(head, name, digit);
}

// IMF-fixdate, without the locale.
static void add_date(struct buffer *head, time_t now) {
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    static _Thread_local time_t made_at = -1;
    static _Thread_local char text[64];
    if (now != made_at) {
        struct tm tm;
        gmtime_r(&now, &tm);
        snprintf(text, sizeof text, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
                 days + (ptrdiff_t)3 * tm.tm_wday, tm.tm_mday, months + (ptrdiff_t)3 * tm.tm_mon,
                 tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
        made_at = now;
    }
    add_header(head, "Date", text);
}

// If-None-Match compares weakly (RFC 9110, 13.1.2): W/"x" and "x" are the same. A packed answer was sent with a
// weak tag, and the client sends that back.
static struct text strip_weak(struct text tag) {
    bool weak = tag.len > 2 && tag.ptr[0] == 'W' && tag.ptr[1] == '/';
    return weak ? (struct text){tag.ptr + 2, tag.len - 2} : tag;
}

bool response_etag_matches(const char *if_none_match, const char *etag) {
    if (!if_none_match || !etag) {
        return false;
    }
    struct text wanted = strip_weak(text_from(etag));
    struct text rest = text_from(if_none_match);
    struct text piece;
    while (text_split(&rest, ',', &piece)) {
        struct text tag = text_trim(piece);
        bool any = tag.len == 1 && tag.ptr[0] == '*';
        tag = strip_weak(tag);
        if (any || (tag.len == wanted.len && memcmp(tag.ptr, wanted.ptr, tag.len) == 0)) {
            return true;
        }
    }
    return false;
}

// For a kept answer, which many share: the packed form then is kept beside it.
static enum status pack_to_heap(struct text plain, struct text *ret_packed) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct text packed;
    enum status status = arena ? pack_body(arena, plain, &packed) : STATUS_NO_MEMORY;
    if (status) {
        return status;
    }
    char *copy = malloc(packed.len);
    if (!copy) {
        return STATUS_NO_MEMORY;
    }
    memcpy(copy, packed.ptr, packed.len);
    *ret_packed = (struct text){copy, packed.len};
    return STATUS_OK;
}

// Packs the body when that is wanted and pays. True when it did.
static bool try_gzip(const struct exchange *exchange, struct text *body) {
    const struct answer *answer = exchange->reply.answer;
    struct text packed;
    if (!exchange->request.accepts_gzip || body->len < RESPONSE_GZIP_MIN_BYTES) {
        return false;
    }
    enum status status = answer && body->ptr == answer->body
                             ? answer_pack(answer, pack_to_heap, &packed)
                             : pack_body(exchange->request.arena, *body, &packed);
    if (status) {
        return false;
    }
    *body = packed;
    return true;
}

// The packed bytes are another representation: a strong tag would be wrong for one of the two.
static void add_etag(struct buffer *head, const char *etag, bool packed) {
    if (etag && packed && etag[0] == '"') {
        buffer_printf(head, "ETag: W/%s\r\n", etag);
    } else {
        add_header(head, "ETag", etag);
    }
}

// Of the answer itself where the handler knows it, else where the daemon stands now, which may be behind what an
// answer from the database has shown before. A client waits with
// min_serial for the number it has seen here.
static void add_registry_point(struct buffer *head, const struct reply *reply,
                               const struct history_point *point) {
    int64_t serial = reply->serial >= 0 || !point ? reply->serial : point->serial;
    const char *epoch = reply->epoch || !point ? reply->epoch : point->epoch;
    if (epoch && !epoch[0]) {
        return; // made by a daemon that is starting and does not know yet where it stands
    }
    if (serial >= 0) {
        add_number(head, "X-Registry-Serial", serial);
    }
    int64_t number = reply->epoch || !point ? reply->epoch_number : point->epoch_number;
    if (epoch) {
        add_header(head, "X-Registry-Epoch", epoch);
    }
    if (epoch && number) {
        add_number(head, "X-Registry-Epoch-Number", number);
    }
}

// What the client can do about a refusal.
static void add_guidance(struct buffer *head, const struct exchange *exchange, int code) {
    add_header(head, "Allow", exchange->allow);
    add_header(head, "Location", exchange->reply.location);
    if (code == 401) {
        const struct route *route = exchange->route;
        bool is_other = route && route->challenge;
        add_header(head, "WWW-Authenticate",
                   is_other ? route->challenge : "Bearer realm=\"registryd\"");
    }
    if (code == 503 || code == 429) {
        add_number(head, "Retry-After",
                   exchange->reply.retry_after_s ? exchange->reply.retry_after_s : 1);
    }
}

// Which headers of the request choose among the representations of this address.
static void add_vary(struct buffer *head, const struct reply *reply, bool by_encoding) {
    if (reply->vary && by_encoding) {
        buffer_printf(head, "Vary: Accept-Encoding, %s\r\n", reply->vary);
    } else {
        add_header(head, "Vary", by_encoding ? "Accept-Encoding" : reply->vary);
    }
}

// What a file's answer says besides.
static void add_file_headers(struct buffer *head, const struct reply *reply, int code) {
    add_header(head, "Accept-Ranges", reply->stream.len ? "bytes" : NULL);
    add_header(head, "Content-Disposition", reply->content_disposition);
    add_header(head, "Content-Range", code == 206 || code == 416 ? reply->content_range : NULL);
}

static bool has_body(int code) {
    return code != 204 && code != 304;
}

// A failed allocation shows in head->failed; the caller closes the connection then, as half a head is worse.
int response_encode(struct exchange *exchange, const struct response_facts *facts,
                    struct buffer *head, struct text *ret_body) {
    const struct reply *reply = &exchange->reply;
    int code = reply->http_status;
    bool is_get = exchange->route && strcmp(exchange->route->method, "GET") == 0;
    if ((code == 200 || code == 206) && is_get &&
        response_etag_matches(exchange->request.if_none_match, reply->etag)) {
        code = 304;
    }
    struct text body = has_body(code) ? reply->body : (struct text){"", 0};
    bool is_stream = has_body(code) && reply->stream.len > 0;
    bool packed = !is_stream && try_gzip(exchange, &body);
    add_status_line(head, code, code == reply->http_status ? reply->reason : NULL);
    add_date(head, facts->now);
    if (has_body(code)) {
        add_header(head, "Content-Type", reply->content_type);
        add_number(head, "Content-Length", (int64_t)(is_stream ? reply->stream.len : body.len));
    }
    add_file_headers(head, reply, code);
    add_header(head, "Content-Encoding", packed ? "gzip" : NULL);
    add_etag(head, reply->etag, packed);
    add_header(head, "Cache-Control", reply->cache_control);
    add_vary(head, reply, is_get && !reply->stream.len);
    add_guidance(head, exchange, code);
    add_header(head, "X-Request-Id", exchange->request.request_id);
    if (code < 500) { // an error of ours shows no state
        add_registry_point(head, reply, facts->point);
    }
    if (reply->pypi_serial) {
        add_number(head, "X-PyPI-Last-Serial", reply->pypi_serial);
    }
    add_policy(head, reply);
    add_header(head, "Set-Cookie", reply->set_cookie);
    add_header(head, "Connection", facts->keep_alive ? "keep-alive" : "close");
    buffer_add(head, "\r\n", 2);
    *ret_body = exchange->is_head ? (struct text){"", 0} : body;
    return code;
}
