// SPDX-License-Identifier: MIT
// The transition as a dashboard: where every host stands, what hosts have in common, and how far the whole move is.
// store.h has the reports themselves. Everything it says of its calls holds here.
#pragma once

#include "registryd/store/store.h"

// Which hosts; NULL = any.
struct hosts_filter {
    const char *group;
    const char *state; // "differs", "waiting", "empty" or "safe"
    const char *team;  // of the token that reports
};

struct host_row {
    const char *group;
    const char *host;
    const char *environment;
    const char *state;      // as in the filter
    const char *since;      // when it began to agree, or to differ; NULL = before the kept reports
    const char *safe_after; // from when on reports make it safe; NULL while it differs
    const char *last_report_at; // RFC 3339, UTC
    const char *reported_by;
    int64_t report_count;
    int64_t differences;  // in the last report
    const char *spark;    // differences of the last reports, one a line, the oldest first
    int64_t hosts_differ; // these are of all hosts of the group and the team
    int64_t hosts_wait;
    int64_t hosts_safe;
    int64_t hosts_empty;
};
struct host_rows {
    struct host_row *items; // those that differ first
    size_t count;
};
// At most `limit` rows from the offset. Arena.
struct hosts_query {
    struct hosts_filter filter;
    int64_t offset;
    int64_t limit;
};
enum status store_hosts_load(struct store *store, struct arena *arena,
                             const struct hosts_query *query, struct host_rows *ret_rows,
                             struct error *err);

struct group_standing {
    const char *group;
    int64_t hosts_total;
    int64_t hosts_equal;
    bool is_safe;
    const char *equal_since; // NULL while a host differs, or when no host has an entry point
    const char *safe_after;  // likewise: when the last of its hosts is safe
};
struct group_standings {
    struct group_standing *items; // those with a host that differs first
    size_t count;
};
// `group` NULL = all. Arena.
enum status store_group_standings_load(struct store *store, struct arena *arena, const char *group,
                                       struct group_standings *ret_standings, struct error *err);

// What the same hosts report of one kind.
struct common_difference {
    const char *group;
    const char *kind;     // "only_walk", ... as in a report
    struct strings names; // at most 40
    int64_t name_count;
    struct strings hosts; // at most 40
    int64_t host_count;
};
struct common_differences {
    struct common_difference *items; // the largest sets of hosts first
    size_t count;
};
// Arena.
enum status store_common_differences_load(struct store *store, struct arena *arena,
                                          const struct hosts_filter *filter,
                                          struct common_differences *ret_differences,
                                          struct error *err);

struct progress_point {
    int64_t at_ms; // Unix time
    int64_t hosts_total;
    int64_t hosts_equal;
};
struct progress_points {
    struct progress_point *items; // the oldest first
    size_t count;
};
// The state of the filter is not looked at. Arena.
enum status store_progress_load(struct store *store, struct arena *arena,
                                const struct hosts_filter *filter,
                                struct progress_points *ret_points, struct error *err);
