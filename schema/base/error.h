// SPDX-License-Identifier: MIT
// What went wrong, for people: a status, a place (JSON pointer, or file:line), a sentence. Made and
// returned in one call: `return fail(err, STATUS_INVALID, where, "…", …)`. Holds no memory of its
// own, so it can be made when there is none left. Not shared between threads.
#pragma once

#include "schema/base/status.h"

#include <stdarg.h>

// There are two kinds of failure, and one way to return them.
//
// Expected failures are answers to the caller: the input breaks a rule (INVALID), a thing is not there
// (NOT_FOUND), the database does not answer (UNAVAILABLE). Each function names those it can return; a
// caller may handle one and pass the rest on:
//
//     enum status status = store_release_load(store, arena, package, version, &release, err);
//     if (status == STATUS_NOT_FOUND) {
//         return STATUS_OK; // nothing was published yet, which is fine here
//     }
//     if (status) {
//         return status; // err is filled in already
//     }
//
// Faults are what should not happen: a bug (INTERNAL), a disk that does not work (IO). Nobody handles
// them; they go up to the edge. There the daemon logs the sentence and the client reads only the
// default text, because the sentence speaks of our inside. NO_MEMORY goes the same way up, from every
// function that allocates.
//
// On failure out-parameters are untouched, so a caller can give a variable that holds a default.
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

// Fills *err (which may be NULL) with the sentence about memory.
void error_set_no_memory(struct error *err);

// Out of memory, in the same shape as everything else. Here, so that the compiler sees that it is never OK: what a
// function fills in only on success is then known to be there behind `if (status) return status`.
static inline enum status fail_no_memory(struct error *err) {
    error_set_no_memory(err);
    return STATUS_NO_MEMORY;
}

// Puts `prefix` in front of err->where ("plugin.yaml" + "/routers/0"); for callers that know the
// file when the callee knew only the field. Returns err->status.
enum status error_within(struct error *err, const char *prefix);
