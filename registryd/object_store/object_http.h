// SPDX-License-Identifier: MIT
// One HTTP request to an object store, over connections that are kept for the next one. This header is all that the rest
// of the daemon knows of libcurl. Any thread may call.
#pragma once

#include "schema/base/error.h"
#include "schema/base/text.h"

#include <stddef.h>
#include <stdint.h>

struct object_http;

// `ca_file`: authorities in PEM form, in place of those of the machine; NULL = those; borrowed.
// *ret_http is owned. Fails with: NO_MEMORY.
enum status object_http_new(const char *ca_file, struct object_http **ret_http, struct error *err);
void object_http_free(struct object_http *http);

// Where the bytes of a body come from. Read more than once when a request is sent again.
struct object_source {
    // `size` bytes from `offset` on, all of them. Fails with: IO, and as its store.
    enum status (*read)(void *context, int64_t offset, char *room, size_t size, struct error *err);
    void *context;
    int64_t size;
};

enum { OBJECT_PROBLEM_SIZE = 2048 };

struct object_call {
    const char *method;
    const char *url;
    const char *const *headers; // "Name: value"
    size_t header_count;
    const struct object_source *body; // NULL: none
    char *room;                       // where the body of an answer 2xx goes; NULL: it has none
    size_t size;                      // of the room; a longer body is a failure
};

struct object_outcome {
    int http_status; // 0: there was no answer
    size_t len;      // of the body in the room
    char problem
        [OBJECT_PROBLEM_SIZE]; // of another answer than 2xx: the start of its body; or what libcurl says
};

// Fails with: UNAVAILABLE (no answer, or one that broke off: `problem` says why), NO_MEMORY, and as the source of the
// body. An answer of any HTTP status is no failure.
enum status object_http_send(struct object_http *http, const struct object_call *call,
                             struct object_outcome *ret_outcome, struct error *err);
