// SPDX-License-Identifier: MIT
// One HTTP request to the registry, and the only user of libcurl. Bounded in time and in bytes,
// http and https only, redirects are not followed (the token goes to the address that was given and
// nowhere else). Raises no signal; any thread may call, each with its own arena.
#pragma once

#include "client/remote/connection.h"
#include "schema/base/text.h"
#include "schema/finding.h"

#include <jansson.h>

// Called now and then while a body is on its way, by the thread that sends.
struct fetch_progress {
    void (*tell)(void *context, size_t sent_bytes, size_t total_bytes);
    void *context;
};

// Borrowed for the length of the call. A PATCH of an environment, for example, has the path
// "/v1/environments/production", the type "application/merge-patch+json" and the if_match "\"7\"".
struct fetch_request {
    const char *method;        // "GET", "PUT", "POST", "PATCH", "DELETE"
    const char *path;          // "/v1/groups?limit=1000", percent-encoded
    struct text body;          // sent unless with GET; the deadline grows with its size
    const char *content_type;  // of the body; NULL: JSON
    const char *if_match;      // entity tag, or NULL
    const char *if_none_match; // entity tag, or NULL
    const char *accept;        // NULL: JSON
    size_t max_bytes;          // of the answer; 0: LIMIT_ANSWER_BYTES
    size_t expected_bytes;     // of the answer: the deadline grows with it, too; 0: not known
    const char *user;          // "USER:PASSWORD" of Basic authentication; NULL: none
    bool is_plain;             // do not ask for compression: the answer is made once and sent often
    bool is_file; // of the registry, which may send us on to its object store (fetch_file.h)
    const struct fetch_progress *progress; // NULL: progress is not reported
};

struct fetch_answer {
    int http_status;          // 304: what the caller has is current
    struct text body;         // arena, NUL-terminated
    const char *content_type; // the rest may be NULL: not in the answer
    const char *etag;         // NULL: none
    const char *location;     // of a redirect
    const char *serial;       // X-Registry-Serial
    const char *epoch;        // X-Registry-Epoch
    const char *date;         // Date, by the clock of the server
    const char *retry_after;  // Retry-After, as it was sent
};

// The address that a reference ("../../files/crm.whl", a Location) means on a page. Arena.
// Fails with: INVALID (no http or https address), NO_MEMORY.
enum status fetch_resolve(struct arena *arena, const char *page, const char *reference,
                          const char **ret_url, struct error *err);

// Whether two addresses are of one scheme, host and port, so that a secret of one may be sent to the other.
bool fetch_is_same_origin(const char *a, const char *b);

// Sends one request and takes the whole answer, whatever its HTTP status. Arena.
// Fails with: USAGE (the token would go over plain http to another host), UNREACHABLE (no server there, no such name, connection broken), TIMEOUT, TOO_LARGE (an
// answer over max_bytes), NO_MEMORY; the messages name the address and what to do.
enum status fetch_send(struct arena *arena, const struct connection *connection,
                       const struct fetch_request *request, struct fetch_answer *ret_answer,
                       struct error *err);
