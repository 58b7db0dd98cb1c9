// SPDX-License-Identifier: MIT
// The registry as a source: a query in, its resolution out; and the changes since a serial, by long poll.
#pragma once

#include "client/remote/connection.h"
#include "schema/snapshot/query_string.h"
#include "schema/decision.h"
#include "schema/record.h"

#include <stdint.h>

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
    const char *code;        // "yanked", "requires-python", ...
    const char *detail;      // a sentence; may be NULL
    const char *eligible_at; // RFC 3339: when the release stops being too new; NULL for other codes
};

// A name or package of the query that no release in the groups has.
struct misspelling {
    const char *text;
    const char *nearest; // of what is known; NULL = nothing is near
    bool is_package;
};

// What the registry answers, or its last answer in a snapshot.
struct resolution {
    struct records records;
    struct decisions decisions; // about all packages of the groups; sorted
    bool has_decisions;     // false: nothing is known of decisions, which is not the same as none
    bool is_listed_only;    // the environment takes only the packages that it lists
    bool settings_left_out; // the asker's token may not read settings
    struct excluded *excluded;
    size_t excluded_count;
    struct misspelling *unknown;
    size_t unknown_count;
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

// ---- GET /v1/changes ----

struct change {
    int64_t serial;      // of the feed
    const char *kind;    // "publish", "yank", ...: may be one we do not know
    const char *package; // NULL: it is not about one
    const char *version; // likewise
    const char *at;      // RFC 3339, UTC
    const char *groups;  // "a.plugins, b.plugins"; "" for none
};

struct changes {
    struct change *items; // by serial
    size_t count;
    int64_t serial;       // of the last change there is
    const char *epoch;    // the history that the serials count in
    int64_t epoch_number; // 0 = unknown
};

// The changes after a serial; when there are none, waits for one, at most `wait_seconds` (0 to 60),
// which come on top of the connection's time. Arena.
// Fails with: what api_call_json fails with, UNREACHABLE (an answer we do not understand).
enum status changes_load(struct arena *arena, const struct connection *connection, int64_t since,
                         int wait_seconds, struct changes *ret_changes, struct error *err);
