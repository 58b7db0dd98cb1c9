// SPDX-License-Identifier: MIT
// What a handler sees of HTTP, and all it sees: a decoded request, a reply to fill. No sockets, no
// civetweb, no threads, so handlers are tested without a server. http/ makes requests and sends
// replies; both live in the request's arena.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"
#include "schema/finding.h"

#include <jansson.h>
#include <stdint.h>

struct byte_source;

struct parameter {
    const char *name;  // decoded
    const char *value; // percent-decoded, checked UTF-8 without NUL or control characters
};

struct rights; // rights.h

struct request {
    struct arena *arena;                     // freed when the reply is sent
    const char *method;                      // "GET"
    const char *path;                        // decoded, as routed
    const struct parameter *path_parameters; // "{name}" of the route's pattern, in its order
    size_t path_parameter_count;
    const struct parameter *query; // in the order sent; names may repeat
    size_t query_count;
    const char *content_type;  // NULL when absent
    const char *authorization; // NULL when absent
    const char *cookie;        // NULL when absent
    const char *host;          // the Host header; NULL when absent (HTTP/1.0)
    const char *origin;        // the Origin header; NULL when absent
    const char *fetch_site;    // Sec-Fetch-Site: where a browser's request began; NULL when absent
    const char *if_match;      // NULL when absent
    const char *if_none_match; // NULL when absent
    const char *range;         // NULL when absent, and for HEAD
    const char *if_range;      // NULL when absent
    const char *accept;        // media types; NULL when absent
    bool accepts_gzip;         // by Accept-Encoding
    struct text body;          // whole, within the route's limit
    const struct byte_source *body_source; // of a route that takes files: read in place of the body
    const char *client;                    // address of who asks, as limits and logs know it
    int *retry_after_s;                    // where a limit that refuses says how long to wait
    struct reply *dated;         // query_begin notes there what the reads that follow show
                                 // at least; NULL = the handler says it
    const char *request_id;      // also in the reply's X-Request-Id and in the log line
    const char *actor;           // who the token belongs to; NULL when the route needs none
    const struct rights *rights; // what it may do; NULL as above
    bool is_dry_run;             // of a publish: nothing is kept, and no rate is counted
    bool is_head;                // the body of the answer is not sent: it need not be there
};

// A body too large to be held: read piece by piece while it is sent.
struct reply_stream {
    size_t len; // of the whole; 0 = the reply has no stream
    // The next bytes, at least one; borrowed until the next call. A failure ends the connection.
    enum status (*read)(void *context, struct text *ret_piece, struct error *err);
    void *context; // arena
};

struct reply {
    int http_status;            // 200 unless set
    const char *reason;         // of the status line; NULL = the usual words
    const char *content_type;   // "application/json" unless set
    struct text body;           // borrowed from the request's arena, or from an answer
    struct reply_stream stream; // instead of the body
    const char *etag;           // with quotes; the sender answers 304 when it matches If-None-Match
    const char *location;       // of a redirect
    const char *set_cookie;     // NULL = none
    bool has_forms;             // a page whose forms may be sent, to this server
    const char *image_hosts; // of a page, with commas between them; NULL = pictures are ours alone
    int retry_after_s;       // of 429 and 503; 0 = a second
    const char *content_range;       // of 206 and 416
    const char *content_disposition; // how a browser is to take it
    const char *cache_control;       // NULL = the route's default
    const char *vary;                // headers that chose this form, besides Accept-Encoding
    int64_t pypi_serial;             // of an index page: its last change; 0 = not said
    int64_t serial;                  // of the answer; -1 = the daemon's current one
    const char *epoch;           // NULL = the daemon's current one; "" = not known, nothing is said
    int64_t epoch_number;        // of `epoch`; 0 = not known
    const struct answer *answer; // a cached answer whose body this is (index/answer.h), unreffed by
                                 // the sender; NULL when the body is in the arena
};

// The first value of a query parameter, or NULL.
const char *request_query(const struct request *request, const char *name);
// The value of a path parameter; never NULL for a name of the route's pattern.
const char *request_path(const struct request *request, const char *name);

// About how much memory the body will take once it is parsed; 0 when it is not JSON.
size_t request_parsed_bytes(const struct request *request);

// Puts compact JSON into the reply; steals `json`. Fails with: NO_MEMORY.
enum status reply_json(const struct request *request, struct reply *reply, json_t *json,
                       struct error *err);

// Turns an error and its findings (may be NULL) into an RFC 9457 problem in the reply:
// {"type","title","status","detail","code","where","errors":[…],"request_id"}.
void reply_problem(const struct request *request, struct reply *reply, const struct error *error,
                   const struct findings *findings);

// The same under another HTTP status, for clients that give statuses a meaning of their own.
void reply_problem_as(const struct request *request, struct reply *reply, const struct error *error,
                      const struct findings *findings, int http_status);
