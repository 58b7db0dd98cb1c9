// SPDX-License-Identifier: MIT
// The registry as a source of records: a query in, its resolution out.
#pragma once

#include "client/remote/connection.h"
#include "schema/snapshot/query_string.h"
#include "schema/record.h"

struct source_query {
    const char *const *groups; // at least one
    size_t group_count;
    const char *python; // NULL = any
    bool prereleases;
    bool explain;                        // also what was left out, and why
    const struct query_parameter *facts; // more of the query: have, marker, tag; each may repeat
    size_t fact_count;
};

// A release that was left out of a resolution.
struct excluded {
    const char *package;
    const char *version;
    const char *code;   // "yanked", "requires-python", ...
    const char *detail; // a sentence; may be NULL
};

struct resolution {
    struct records records;
    struct excluded *excluded;
    size_t excluded_count;
    bool has_more; // a limit was asked for, and there is more
};

// Appends the query to a path, as parameters.
void source_registry_add_query(struct buffer *path, const struct connection *connection,
                               const struct source_query *query);

// Asks the registry. Arena. Fails with: USAGE (no group), what api_call_json fails with, UNREACHABLE
// (an answer we do not understand).
enum status source_registry(struct arena *arena, const struct connection *connection,
                            const struct source_query *query, struct resolution *ret_resolution,
                            struct error *err);
