// SPDX-License-Identifier: MIT
// What went wrong, for people: a status, a place (JSON pointer, or file:line), a sentence. Made and
// returned in one call: `return fail(err, STATUS_INVALID, where, "…", …)`. Holds no memory of its
// own, so it can be made when there is none left. Not shared between threads.
#pragma once

#include "schema/base/status.h"

#include <stdarg.h>

struct error {
    enum status status;
    char where[256];   // JSON pointer ("/entry_points/a.b"), "file:line", or empty
    char message[768]; // a sentence: what is wrong and, where it helps, what to do
};

// Fills *err (which may be NULL) and returns `status`. `where` may be NULL. Text that does not fit
// is cut at a UTF-8 boundary and ends in an ellipsis; control characters and broken UTF-8 become '?'.
enum status fail(struct error *err, enum status status, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// As fail, with a va_list.
enum status fail_v(struct error *err, enum status status, const char *where, const char *format,
                   va_list args) __attribute__((format(printf, 4, 0)));

// Out of memory, in the same shape as everything else.
enum status fail_no_memory(struct error *err);

// Puts `prefix` in front of err->where ("plugin.yaml" + "/routers/0"); for callers that know the
// file when the callee knew only the field. Returns err->status.
enum status error_within(struct error *err, const char *prefix);
