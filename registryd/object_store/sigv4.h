// SPDX-License-Identifier: MIT
// AWS Signature Version 4: what proves to an object store who asks. The secret key never leaves this process; a request
// carries an HMAC over its method, path, query, headers and the hash of its body. Pure functions, no clock of their
// own, callable from any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

#include <stdint.h>

struct sigv4_identity {
    const char *access_key;
    const char *secret_key;
    const char *session_token; // of temporary credentials; NULL: none
    const char *region;        // "eu-central-1"
};

// A header, or a parameter of a query: neither is encoded.
struct sigv4_pair {
    const char *name; // of a header in lower case
    const char *value;
};

struct sigv4_request {
    const char *method;
    const char *path; // "/bucket/key", not encoded
    const struct sigv4_pair *query;
    size_t query_count;
    const struct sigv4_pair *headers; // that are signed, "host" among them
    size_t header_count;
    const char *payload_sha256; // hex, or "UNSIGNED-PAYLOAD"
    int64_t unix_seconds;       // when it is signed
};

enum { SIGV4_DATE_SIZE = 17, SIGV4_SIGNATURE_SIZE = 65 }; // with their NUL

// "20130524T000000Z": the value of X-Amz-Date.
void sigv4_date(int64_t unix_seconds, char ret_date[SIGV4_DATE_SIZE]);

// Percent-encoding as the signature wants it; '/' stays where `is_path`. Appends.
void sigv4_encode(struct buffer *buffer, const char *text, bool is_path);

// Path and query as they are sent: "/bucket/key?a=1". Appends.
void sigv4_target(struct buffer *buffer, const struct sigv4_request *request);

// The three steps, each for itself so that they can be held to published examples. Arena; NULL when out of memory.
const char *sigv4_canonical(struct arena *arena, const struct sigv4_request *request);
const char *sigv4_to_sign(struct arena *arena, const struct sigv4_identity *identity,
                          const struct sigv4_request *request);
void sigv4_signature(const struct sigv4_identity *identity, int64_t unix_seconds,
                     const char *to_sign, char ret_signature[SIGV4_SIGNATURE_SIZE]);

// The value of the header Authorization. The headers of the request must hold x-amz-date, x-amz-content-sha256 and, with
// a session token, x-amz-security-token. Arena; NULL when out of memory.
const char *sigv4_authorization(struct arena *arena, const struct sigv4_identity *identity,
                                const struct sigv4_request *request);

// Path and query of a GET that anybody may send for `seconds` seconds; its host must be that of `host`. `query` of the
// request is added. Arena; NULL when out of memory.
const char *sigv4_presign(struct arena *arena, const struct sigv4_identity *identity,
                          const struct sigv4_request *request, int seconds);
