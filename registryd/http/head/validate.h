// SPDX-License-Identifier: MIT
// Request hygiene: what must hold of a request's line and headers before anything looks at its
// meaning. civetweb is lenient (it takes the first of duplicate headers, "+5" as a length, bare
// line feeds, folded headers); every leniency is a way to make two programs see two different
// requests, so all of them are refused here. On plain strings: tested and fuzzed without a server.
// Pure.
#pragma once

#include "schema/base/error.h"
#include "schema/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct header {
    const char *name;  // as it was sent
    const char *value; // without the blanks around it
};

// A request as civetweb has split it, in place, in its buffer.
struct raw_request {
    const char *method;           // "GET"
    const char *target;           // without its query
    const char *query;            // NULL when there is no '?'
    const char *version;          // "1.0" or "1.1"
    const struct header *headers; // in the order they came
    size_t header_count;
};

// What the headers say, once they are known to be sound. Texts are borrowed from the raw request;
// NULL when the header is absent.
struct request_head {
    int64_t content_length;    // -1 when not said
    bool expects_continue;     // wants "100 Continue" before it sends its body
    bool keep_alive;           // the client would use the connection again
    bool accepts_gzip;         // by Accept-Encoding
    const char *accept;        // media types; the first such header
    const char *authorization; // NULL: no such header, as below
    const char *cookie;        // of signed-in people
    const char *host;          // checked against public_url
    const char *origin;        // of a form
    const char *fetch_site;    // Sec-Fetch-Site
    const char *content_type;
    const char *if_match;      // entity tags for a change
    const char *if_none_match; // entity tags for a read
    const char *range;
    const char *if_range;
};

// Checks that the split pieces lie in the buffer as a strict request would: one space between the
// words, CR LF after every line, nothing before the method, nothing between the last header and the
// empty line. civetweb stops reading headers silently at the 65th, at a folded line and at a name
// with a byte >= 0x80; what it skipped would otherwise be served as the next request. It also skips
// white space before the method, and then counts the request's bytes wrongly. `buffer` is the whole
// of civetweb's buffer. *ret_len is the length of the head with its empty line.
// Fails with: MALFORMED, HEADERS_TOO_LARGE (65 headers or more).
enum status validate_layout(struct text buffer, const struct raw_request *raw, size_t *ret_len,
                            struct error *err);

// Checks the headers and reads those we use. Refused: none or several Host headers (none is fine in
// HTTP/1.0), duplicates of headers that must be single, names that are no tokens, values with bytes
// outside printable ASCII, any Transfer-Encoding, a content encoding, an upgrade
// to websocket.
// Fails with: MALFORMED, TOO_LARGE (a length of more than ten digits), LENGTH_REQUIRED (chunked),
// NOT_IMPLEMENTED (another transfer encoding), UNSUPPORTED_MEDIA, EXPECTATION_FAILED.
enum status validate_headers(const struct raw_request *raw, struct request_head *ret_head,
                             struct error *err);
