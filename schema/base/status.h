// SPDX-License-Identifier: MIT
// The one list of outcomes for the whole system: a failed publish has the same name in a log, in
// JSON, in a shell and in Python. Each row gives the enum, the wire code, the HTTP status, the exit
// code of registryctl and the default sentence. Everything here is static and callable from any
// thread.
#pragma once

// X(NAME, wire code, HTTP status, exit code, default text)
#define STATUS_LIST(X)                                                                             \
    X(OK, "ok", 200, 0, "Done")                                                                    \
    X(USAGE, "usage", 400, 2, "The command or a parameter is invalid")                             \
    X(MALFORMED, "malformed", 400, 3, "The input cannot be parsed")                                \
    X(UNAUTHORIZED, "unauthorized", 401, 3, "A valid token is required")                           \
    X(FORBIDDEN, "forbidden", 403, 3, "The token does not allow this")                             \
    X(NOT_FOUND, "not-found", 404, 1, "Not found")                                                 \
    X(METHOD_NOT_ALLOWED, "method-not-allowed", 405, 3,                                            \
      "This method is not allowed at this address")                                                \
    X(NOT_ACCEPTABLE, "not-acceptable", 406, 3,                                                    \
      "No form of the answer is acceptable to the client")                                         \
    X(TIMEOUT, "timeout", 408, 4, "The operation timed out")                                       \
    X(CONFLICT, "conflict", 409, 3, "A different object already exists")                           \
    X(HISTORY_CONFLICT, "history-conflict", 409, 3,                                                \
      "Two histories of the registry have the same number")                                        \
    X(GONE, "gone", 410, 3, "The object is archived")                                              \
    X(LENGTH_REQUIRED, "length-required", 411, 3, "The request needs a Content-Length header")     \
    X(PRECONDITION, "precondition-failed", 412, 3, "The object has changed in the meantime")       \
    X(TOO_LARGE, "too-large", 413, 3, "The input exceeds a limit")                                 \
    X(UNSUPPORTED_MEDIA, "unsupported-media", 415, 3, "The content type is not supported")         \
    X(RANGE, "range-not-satisfiable", 416, 3, "The range is outside the file")                     \
    X(EXPECTATION_FAILED, "expectation-failed", 417, 3, "The expectation cannot be met")           \
    X(INVALID, "invalid", 422, 3, "The input violates a rule")                                     \
    X(TOO_MANY, "too-many-requests", 429, 4, "Too many requests")                                  \
    X(HEADERS_TOO_LARGE, "headers-too-large", 431, 3, "The request's headers exceed a limit")      \
    X(INTERNAL, "internal", 500, 5, "Internal error")                                              \
    X(NOT_IMPLEMENTED, "not-implemented", 501, 3, "Not implemented")                               \
    X(IO, "io", 500, 5, "A file or device could not be used")                                      \
    X(UNREACHABLE, "unreachable", 502, 4, "The registry cannot be reached")                        \
    X(NO_MEMORY, "no-memory", 503, 5, "Out of memory")                                             \
    X(UNAVAILABLE, "unavailable", 503, 4, "The database cannot be reached. Retry the request")     \
    X(UNKNOWN_OUTCOME, "unknown-outcome", 503, 4, "The outcome is unknown. It is safe to retry")   \
    X(DISK_FULL, "disk-full", 507, 5, "The disk is full")

enum status {
#define STATUS_ENUM(name, wire, http, code, text) STATUS_##name,
    STATUS_LIST(STATUS_ENUM)
#undef STATUS_ENUM
        STATUS_COUNT
};

// The exit codes form classes that a script can act on: 0 done; 1 the answer is "no" (not found); 2
// the command line is wrong; 3 the input or the request is refused, so repeating it unchanged is
// useless; 4 the registry cannot answer now, so a later try may succeed; 5 this machine or the
// daemon is at fault.
//
// Two rows may have one HTTP status: a problem document therefore carries the wire name as "code".
struct status_info {
    const char *wire_name;    // "not-found": in JSON, logs and Python
    int http_status;          // 404
    int exit_code;            // of registryctl
    const char *default_text; // one sentence without a full stop
};

// The row of a status. Static. A value outside the enum gives the row of STATUS_INTERNAL.
const struct status_info *status_info(enum status status);

// The status of a wire name, or STATUS_INTERNAL when no row has it.
enum status status_find(const char *wire_name);
