// SPDX-License-Identifier: MIT
// A request's body that is read piece by piece while it arrives, so that a file of any size needs a small
// buffer. Read by the thread of the request.
#pragma once

#include "schema/base/error.h"
#include "schema/base/text.h"

#include <stdint.h>

struct byte_source {
    void *context;
    int64_t size; // of the whole body
    // Reads up to `size` bytes; *ret_len is 0 only at the end.
    // Fails with: MALFORMED (the body ended early), TIMEOUT, TOO_MANY (too many slow requests of this client).
    enum status (*read)(void *context, char *room, size_t size, size_t *ret_len, struct error *err);
};

// Of bytes in memory, for tests and small bodies. Borrows *rest, which shrinks as it is read.
struct byte_source byte_source_of(struct text *rest);
