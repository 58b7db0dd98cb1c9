// SPDX-License-Identifier: MIT
// The one list of outcomes for the whole system: a failed publish has the same name in a log, in
// JSON, in a shell and in Python. Each row gives the enum, the wire code, the HTTP status, the exit
// code of registryctl and the default sentence. Everything here is static and callable from any
// thread.
#pragma once

// X(NAME, wire code, HTTP status, exit code, default text)
#define STATUS_LIST(X)                                                                             \
    X(OK, "ok", 200, 0, "Done")                                                                    \
    X(USAGE, "usage", 400, 2, "The command or a parameter is not right")                           \
    X(MALFORMED, "malformed", 400, 3, "The input cannot be read")                                  \
    X(UNAUTHORIZED, "unauthorized", 401, 3, "A valid token is needed")                             \
    X(FORBIDDEN, "forbidden", 403, 3, "The token does not allow this")                             \
    X(NOT_FOUND, "not-found", 404, 1, "There is no such thing here")                               \
    X(METHOD_NOT_ALLOWED, "method-not-allowed", 405, 3, "This address does not take that method")  \
    X(TIMEOUT, "timeout", 408, 4, "It took too long")                                              \
    X(CONFLICT, "conflict", 409, 3, "Something else is there already")                             \
    X(LENGTH_REQUIRED, "length-required", 411, 3, "The request must say its Content-Length")       \
    X(PRECONDITION, "precondition-failed", 412, 3, "It has been changed meanwhile")                \
    X(TOO_LARGE, "too-large", 413, 3, "The input is over a limit")                                 \
    X(UNSUPPORTED_MEDIA, "unsupported-media", 415, 3, "The content type is not one we read")       \
    X(RANGE, "range-not-satisfiable", 416, 3, "The range lies outside the file")                   \
    X(EXPECTATION_FAILED, "expectation-failed", 417, 3, "The expectation cannot be met")           \
    X(INVALID, "invalid", 422, 3, "The input breaks a rule")                                       \
    X(TOO_MANY, "too-many-requests", 429, 4, "Too many requests")                                  \
    X(HEADERS_TOO_LARGE, "headers-too-large", 431, 3, "The request's headers are over a limit")    \
    X(INTERNAL, "internal", 500, 5, "A fault of the program")                                      \
    X(NOT_IMPLEMENTED, "not-implemented", 501, 3, "This server does not do that")                  \
    X(IO, "io", 500, 5, "A file or device could not be used")                                      \
    X(UNREACHABLE, "unreachable", 502, 4, "The registry is out of reach")                          \
    X(NO_MEMORY, "no-memory", 503, 5, "Out of memory")                                             \
    X(UNAVAILABLE, "unavailable", 503, 4, "The store is out of reach; try again")                  \
    X(UNKNOWN_OUTCOME, "unknown-outcome", 503, 4, "The outcome is unknown; trying again is safe")  \
    X(DISK_FULL, "disk-full", 507, 5, "The disk is full")

enum status {
#define STATUS_ENUM(name, wire, http, code, text) STATUS_##name,
    STATUS_LIST(STATUS_ENUM)
#undef STATUS_ENUM
        STATUS_COUNT
};

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
