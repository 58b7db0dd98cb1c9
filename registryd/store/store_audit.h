// SPDX-License-Identifier: MIT
// The audit: one event for each change, chained by hashes, so that an event that was altered or taken
// away shows. Reading only; events are written by the statements that change something.
#pragma once

#include "registryd/store/store.h"

struct audit_event {
    int64_t id;          // from 1, without gaps
    const char *at;      // RFC 3339, to the microsecond
    const char *actor;   // who did it
    const char *action;  // what was done
    const char *subject; // of what
    const char *detail;  // JSON object
    const char *hash;    // hex
};
struct audit_events {
    struct audit_event *items; // by id
    size_t count;
    bool more;
};
// Those after an id, at most `limit`.
enum status store_audit_load(struct store *store, struct arena *arena, int64_t after, int limit,
                             struct audit_events *ret_events, struct error *err);

// Words are beginnings of what an event says ("crm/" are all tokens of the team crm); NULL matches all.
struct audit_filter {
    const char *actor;
    const char *action;
    const char *subject;
    int64_t before; // only events with a lower number; 0 = from the newest on
    int limit;      // events
};
struct audit_found {
    struct audit_event *items; // from newer to older
    size_t count;
    int64_t next; // `before` of the search that goes on; 0 = every event was looked at
};
// Looks at no more than AUDIT_STRETCH events, however rare the words are.
enum { AUDIT_STRETCH = 20000 };
enum status store_audit_find(struct store *store, struct arena *arena,
                             const struct audit_filter *filter, struct audit_found *ret_found,
                             struct error *err);

struct audit_verdict {
    int64_t checked; // events
    int64_t fault;   // the first event that is missing or altered; 0 = none
    char head[65];   // hash of the last event that was checked
};
// Verifies the whole chain, a stretch at a time.
enum status store_audit_verify(struct store *store, struct audit_verdict *ret_verdict,
                               struct error *err);
