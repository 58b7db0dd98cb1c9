// SPDX-License-Identifier: MIT
// The address of a request: a decoder of percent escapes and a query parser of our own, because
// civetweb's decode in place, twice over, and cut at %00. Each byte is decoded exactly once, and
// what cannot be meant by an honest client is refused instead of repaired. Pure; any thread.
#pragma once

#include "registryd/request/request.h"

struct uri {
    const char *path;            // decoded: "/v1/packages/x"
    const char *const *segments; // decoded, without slashes
    size_t segment_count;        // 0 for "/"
    bool trailing_slash;         // "/simple/": the path has segments and ends in a slash
    const struct parameter *query;
    size_t query_count;
};

// Parses an origin-form target, split at its first '?'. `query.ptr` NULL means that there was none.
// Refused: bad escapes; escapes of letters, digits and - . _ ~ in the path; NUL, control characters and invalid UTF-8, plain or escaped; escaped slash,
// backslash, "." and ".." segments, empty segments; characters no address may hold.
// Everything returned is in the arena.
// Fails with: MALFORMED, HEADERS_TOO_LARGE (longer, or with more parts, than limits.h allows),
// NO_MEMORY.
enum status uri_parse(struct arena *arena, struct text path, struct text query, struct uri *ret_uri,
                      struct error *err);
