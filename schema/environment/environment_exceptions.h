// SPDX-License-Identifier: MIT
// The exceptions of one package in an environment: which rules are set aside, until when and why. Plain data;
// any thread.
#pragma once

#include "schema/object.h"

// A rule that is set aside until a moment.
struct environment_exception {
    const char *code;  // static: one of those environment_may_except accepts
    const char *until; // RFC 3339, UTC
    int64_t until_ms;  // the same as Unix time
    const char *reason;
    const char *by; // who made it; NULL = unknown
};

struct environment_exceptions {
    struct environment_exception *items; // sorted by code, each once
    size_t count;
};

// Whether there can be an exception for this code at all.
bool environment_may_except(const char *code);

// Those codes, sorted, NULL at the end. Static.
const char *const *environment_exception_codes(void);

// The exception for a code, also one that is over; NULL = none. Borrowed.
const struct environment_exception *
environment_exceptions_find(const struct environment_exceptions *exceptions, const char *code);

// Decodes the member "allow" into the struct environment_exceptions at `target`.
member_decoder environment_exceptions_decode;

// The member "allow". Owned; NULL when out of memory.
json_t *environment_exceptions_encode(const struct environment_exceptions *exceptions);
