// SPDX-License-Identifier: MIT
// Talking to a registry in its own terms: paths, JSON answers, problems. Between the transfer of
// bytes (fetch) and what the answers mean (source_registry, publish).
#pragma once

#include "client/remote/fetch.h"
#include "client/remote/patience.h"

struct api_call {
    struct arena *arena;
    const struct connection *connection;
    struct findings *findings; // where the errors of a refusal go; may be NULL
    const struct patience
        *patience; // waits for a rate limit and sends again; NULL: it is a failure
};

// Sends a request and decodes the JSON object of its answer. With patience a request over a rate limit, or one that
// the registry cannot take at the moment, is sent again when the registry says; so it must be one that may be repeated. A problem document becomes *err (status,
// where, message) and findings. *ret_json is owned; NULL after 304.
// Fails with: what the registry refused with (NOT_FOUND, CONFLICT, INVALID, UNAUTHORIZED, ...), what
// fetch_send fails with, UNREACHABLE (what answers there is no registry), NO_MEMORY.
enum status api_call_json(const struct api_call *call, const struct fetch_request *request,
                          json_t **ret_json, struct error *err);

// The same for an answer that is no JSON: its bytes, when the HTTP status is 200. Arena.
enum status api_call_bytes(const struct api_call *call, const struct fetch_request *request,
                           struct fetch_answer *ret_answer, struct error *err);

// What an answer that is no JSON and should have been another kind of success says: a problem becomes
// *err and findings, and anything else is reported as foreign.
// Fails always, with: what the registry refused with, UNREACHABLE, NO_MEMORY.
enum status api_call_refuse(const struct api_call *call, const struct fetch_answer *answer,
                            struct error *err);

// Appends `text` percent-encoded: everything but letters, digits and "-._~".
void api_call_add_encoded(struct buffer *path, const char *text);

// Appends "?name=value" or "&name=value". NULL as a value adds nothing.
void api_call_add_query(struct buffer *path, const char *name, const char *value);
