// SPDX-License-Identifier: MIT
// Two passes over the headers: each alone (name, value, the table of those we know), then what they say
// together (lengths against encodings, upgrades, expectations). Pure functions; any thread.
//
// The danger is a request that two readers split differently: a proxy in front and civetweb behind, or
// civetweb and this file. So whatever could be read in two ways is refused, and nothing is repaired: two
// lengths, a length beside an encoding, folded headers, spaces before a colon, a second Host. Most of those
// come from attacks on a shared connection ("request smuggling"), the rest from broken clients.
#include "registryd/http/head/validate.h"

#include "schema/base/limits.h"

#include <string.h>
#include <strings.h>

enum known_header {
    HEADER_HOST,
    HEADER_CONTENT_LENGTH,
    HEADER_TRANSFER_ENCODING,
    HEADER_AUTHORIZATION,
    HEADER_COOKIE,
    HEADER_ORIGIN,
    HEADER_SEC_FETCH_SITE,
    HEADER_CONTENT_TYPE,
    HEADER_CONTENT_ENCODING,
    HEADER_EXPECT,
    HEADER_CONNECTION,
    HEADER_UPGRADE,
    HEADER_IF_MATCH,
    HEADER_IF_NONE_MATCH,
    HEADER_RANGE,
    HEADER_IF_RANGE,
    HEADER_ACCEPT_ENCODING,
    HEADER_ACCEPT,
    HEADER_KNOWN_COUNT
};

// Those that may be lists may come several times; a second one of the others is an attack or a
// broken proxy.
static const struct {
    const char *name;
    bool single;
} known_headers[HEADER_KNOWN_COUNT] = {
    [HEADER_HOST] = {"Host", true},
    [HEADER_CONTENT_LENGTH] = {"Content-Length", true},
    [HEADER_TRANSFER_ENCODING] = {"Transfer-Encoding", true},
    [HEADER_AUTHORIZATION] = {"Authorization", true},
    [HEADER_COOKIE] = {"Cookie", true},
    [HEADER_ORIGIN] = {"Origin", true},
    [HEADER_SEC_FETCH_SITE] = {"Sec-Fetch-Site", true},
    [HEADER_CONTENT_TYPE] = {"Content-Type", true},
    [HEADER_CONTENT_ENCODING] = {"Content-Encoding", true},
    [HEADER_EXPECT] = {"Expect", true},
    [HEADER_CONNECTION] = {"Connection", true},
    [HEADER_UPGRADE] = {"Upgrade", true},
    [HEADER_IF_MATCH] = {"If-Match", true},
    [HEADER_IF_NONE_MATCH] = {"If-None-Match", true},
    [HEADER_RANGE] = {"Range", true},
    [HEADER_IF_RANGE] = {"If-Range", true},
    [HEADER_ACCEPT_ENCODING] = {"Accept-Encoding", false},
    [HEADER_ACCEPT] = {"Accept", false},
};

enum { CONTENT_LENGTH_DIGITS = 10 };

// One text for all of them: who is sent here has not made a mistake with one header, but speaks no HTTP/1.1.
static enum status misplaced(struct error *err) {
    return fail(
        err, STATUS_MALFORMED, NULL,
        "The request line and headers must be lines ending in CR LF, with one space between "
        "the words of the request line and no folded headers");
}

// A word ended by exactly `gap` bytes that civetweb has overwritten with NUL; what follows it.
static const char *after_word(const char *word, size_t gap) {
    const char *end = word + strlen(word);
    for (size_t i = 1; i < gap; i++) {
        if (end[i]) {
            return NULL;
        }
    }
    return end + gap;
}

enum { CR_LF = 2, PROTOCOL_LENGTH = 5 }; // "HTTP/"

// civetweb has cut the head into words by writing NUL over the byte behind each. It forgives much while it does
// so, and does not say what it forgave. Here the words are laid side by side again: each must begin exactly
// where the one before it ended, with one space or CR LF between. For example
//
//     GET /v1?x=1 HTTP/1.1\r\n          ->  "GET" 0 "/v1" 0 "x=1" 0 "HTTP/1.1" 0 0
//
// has gaps of 1, 1, 1 and 2; two spaces, a lone LF or a folded header make a gap of another size.
enum status validate_layout(struct text buffer, const struct raw_request *raw, size_t *ret_len,
                            struct error *err) {
    if (raw->method != buffer.ptr || after_word(raw->method, 1) != raw->target) {
        return misplaced(err);
    }
    const char *last_word = raw->query ? raw->query : raw->target;
    if ((raw->query && after_word(raw->target, 1) != raw->query) ||
        after_word(last_word, 1) != raw->version - PROTOCOL_LENGTH) {
        return misplaced(err);
    }
    const char *next = after_word(raw->version, CR_LF);
    for (size_t i = 0; i < raw->header_count; i++) {
        const struct header *header = &raw->headers[i];
        const char *colon = header->name + strlen(header->name);
        bool space_before_colon = header->value > colon + 1 && !colon[1];
        if (header->name != next || space_before_colon) {
            return misplaced(err);
        }
        next = after_word(header->value, CR_LF);
    }
    bool in_buffer = next && next + 1 < buffer.ptr + buffer.len;
    if (raw->header_count && in_buffer && next[0] == '\r' && !next[1]) {
        *ret_len = (size_t)(next + CR_LF - buffer.ptr);
        return STATUS_OK;
    }
    if (raw->header_count >= LIMIT_HEADERS) {
        return fail(err, STATUS_HEADERS_TOO_LARGE, NULL, "A request may have at most %d headers",
                    LIMIT_HEADERS);
    }
    return misplaced(err);
}

// RFC 9110, 5.6.2.
static bool is_token(const char *name) {
    if (!*name) {
        return false;
    }
    for (const char *c = name; *c; c++) {
        if (!is_alnum(*c) && !strchr("!#$%&'*+-.^_`|~", *c)) {
            return false;
        }
    }
    return true;
}

// No control characters (they would go into logs), and no bytes from 0x80 on, which have no agreed meaning.
static bool is_printable(const char *value) {
    for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
        if (*c < 0x20 || *c >= 0x7f) {
            return false;
        }
    }
    return true;
}

static int find_known(const char *name) {
    for (int i = 0; i < HEADER_KNOWN_COUNT; i++) {
        if (strcasecmp(known_headers[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static enum status collect_header(const struct header *header,
                                  const char *values[HEADER_KNOWN_COUNT], struct error *err) {
    if (!is_token(header->name)) {
        return fail(err, STATUS_MALFORMED, NULL, "A header's name is not a token");
    }
    if (!is_printable(header->value)) {
        return fail(err, STATUS_MALFORMED, header->name,
                    "A header's value may hold printable ASCII only");
    }
    int known = find_known(header->name);
    if (known < 0) {
        return STATUS_OK;
    }
    if (values[known] && known_headers[known].single) {
        return fail(err, STATUS_MALFORMED, known_headers[known].name,
                    "This header may be sent only once");
    }
    if (!values[known]) {
        values[known] = header->value;
    }
    return STATUS_OK;
}

// The next member of a comma-separated list, without its parameters.
static bool next_member(struct text *rest, struct text *ret_member, struct text *ret_parameters) {
    struct text piece;
    if (!text_split(rest, ',', &piece)) {
        return false;
    }
    struct text member;
    text_split(&piece, ';', &member);
    *ret_member = text_trim(member);
    *ret_parameters = text_trim(piece);
    return true;
}

static bool member_is(struct text member, const char *word) {
    return member.len == strlen(word) && strncasecmp(member.ptr, word, member.len) == 0;
}

static bool list_has(const char *list, const char *word) {
    struct text rest = text_from(list);
    struct text member;
    struct text parameters;
    while (next_member(&rest, &member, &parameters)) {
        if (member_is(member, word)) {
            return true;
        }
    }
    return false;
}

// "gzip", "gzip;q=0.5", but not "gzip;q=0", "gzip;q=0.000".
static bool accepts_gzip(const char *accept_encoding) {
    struct text rest = text_from(accept_encoding);
    struct text member;
    struct text weight;
    while (next_member(&rest, &member, &weight)) {
        if (!member_is(member, "gzip")) {
            continue;
        }
        for (size_t i = 0; i < weight.len; i++) {
            if (weight.ptr[i] >= '1' && weight.ptr[i] <= '9') {
                return true;
            }
        }
        return !weight.len;
    }
    return false;
}

// Characters only: whether it is this registry's host is the router's business.
static enum status check_host(const char *host, const char *version, struct error *err) {
    if (!host) {
        return strcmp(version, "1.0") == 0 ? STATUS_OK
                                           : fail(err, STATUS_MALFORMED, "Host",
                                                  "An HTTP/1.1 request must have a Host header");
    }
    for (const char *c = host; *c; c++) {
        if (!is_alnum(*c) && !strchr(".-_:[]", *c)) {
            return fail(err, STATUS_MALFORMED, "Host", "The Host header is not a host and port");
        }
    }
    return STATUS_OK;
}

// No sign, no space, no hexadecimal: what strtol would take, another reader might take differently.
static enum status read_length(const char *digits, int64_t *ret_length, struct error *err) {
    size_t len = strspn(digits, "0123456789");
    if (!len || digits[len]) {
        return fail(err, STATUS_MALFORMED, "Content-Length",
                    "Content-Length must be a decimal number");
    }
    if (len > CONTENT_LENGTH_DIGITS) {
        return fail(err, STATUS_TOO_LARGE, "Content-Length",
                    "Content-Length has more than %d digits", CONTENT_LENGTH_DIGITS);
    }
    *ret_length = 0;
    for (size_t i = 0; i < len; i++) {
        *ret_length = *ret_length * 10 + (digits[i] - '0');
    }
    return STATUS_OK;
}

// How long the body is, by one header alone. Chunked bodies are not read: their length would be known only at
// their end, and every limit here is decided before the first byte.
static enum status check_framing(const char *const values[HEADER_KNOWN_COUNT], int64_t *ret_length,
                                 struct error *err) {
    const char *encoding = values[HEADER_TRANSFER_ENCODING];
    const char *length = values[HEADER_CONTENT_LENGTH];
    *ret_length = -1;
    if (encoding && length) {
        return fail(err, STATUS_MALFORMED, "Transfer-Encoding",
                    "A request may not have both Content-Length and Transfer-Encoding");
    }
    if (encoding && strcasecmp(encoding, "chunked") == 0) {
        return fail(err, STATUS_LENGTH_REQUIRED, "Transfer-Encoding",
                    "Chunked bodies are not supported. Send a Content-Length.");
    }
    if (encoding) {
        return fail(err, STATUS_NOT_IMPLEMENTED, "Transfer-Encoding",
                    "Transfer encodings are not supported. Send a Content-Length.");
    }
    if (values[HEADER_CONTENT_ENCODING] &&
        strcasecmp(values[HEADER_CONTENT_ENCODING], "identity") != 0) {
        return fail(err, STATUS_UNSUPPORTED_MEDIA, "Content-Encoding",
                    "Send the body as it is, without a content encoding");
    }
    return length ? read_length(length, ret_length, err) : STATUS_OK;
}

static enum status check_expectations(const char *const values[HEADER_KNOWN_COUNT],
                                      struct error *err) {
    const char *expect = values[HEADER_EXPECT];
    if (expect && strcasecmp(expect, "100-continue") != 0) {
        return fail(err, STATUS_EXPECTATION_FAILED, "Expect",
                    "The only supported expectation is 100-continue");
    }
    if (values[HEADER_UPGRADE] && list_has(values[HEADER_UPGRADE], "websocket")) {
        return fail(err, STATUS_MALFORMED, "Upgrade", "WebSockets are not supported");
    }
    return STATUS_OK;
}

static void read_head(const struct raw_request *raw, const char *const values[HEADER_KNOWN_COUNT],
                      struct request_head *head) {
    bool modern = strcmp(raw->version, "1.1") == 0;
    const char *connection = values[HEADER_CONNECTION];
    head->expects_continue = modern && values[HEADER_EXPECT];
    // As civetweb decides it, or stricter: a Connection header without keep-alive closes.
    head->keep_alive = connection
                           ? list_has(connection, "keep-alive") && !list_has(connection, "close") &&
                                 !list_has(connection, "upgrade")
                           : modern;
    head->accepts_gzip = accepts_gzip(values[HEADER_ACCEPT_ENCODING]);
    head->accept = values[HEADER_ACCEPT];
    head->authorization = values[HEADER_AUTHORIZATION];
    head->cookie = values[HEADER_COOKIE];
    head->host = values[HEADER_HOST];
    head->origin = values[HEADER_ORIGIN];
    head->fetch_site = values[HEADER_SEC_FETCH_SITE];
    head->content_type = values[HEADER_CONTENT_TYPE];
    head->if_match = values[HEADER_IF_MATCH];
    head->if_none_match = values[HEADER_IF_NONE_MATCH];
    head->range = values[HEADER_RANGE];
    head->if_range = values[HEADER_IF_RANGE];
}

enum status validate_headers(const struct raw_request *raw, struct request_head *ret_head,
                             struct error *err) {
    const char *values[HEADER_KNOWN_COUNT] = {0};
    for (size_t i = 0; i < raw->header_count; i++) {
        enum status status = collect_header(&raw->headers[i], values, err);
        if (status) {
            return status;
        }
    }
    enum status status = check_host(values[HEADER_HOST], raw->version, err);
    if (status) {
        return status;
    }
    struct request_head head = {0};
    status = check_framing(values, &head.content_length, err);
    if (status) {
        return status;
    }
    status = check_expectations(values, err);
    if (status) {
        return status;
    }
    read_head(raw, values, &head);
    *ret_head = head;
    return STATUS_OK;
}
