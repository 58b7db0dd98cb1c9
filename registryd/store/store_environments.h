// SPDX-License-Identifier: MIT
// The part of the store that keeps environments. Everything store.h says of its calls holds here. Each
// change is one transaction: a revision with the whole document, a change record, an audit event.
// Revisions are never altered and never deleted.
#pragma once

#include "registryd/store/store.h"
#include "schema/environment/environment.h"

#define ENVIRONMENT_DEFAULT "default" // always there

// A revision of an environment, without its document.
struct environment_row {
    const char *name;
    int64_t revision;        // counted per environment, from 1
    int64_t newest_revision; // of the environment
    const char *description; // NULL = none
    int64_t plugin_count;    // packages something is decided about
    // "create", "replace", "change", "plugin", "rollback", "freeze", "thaw", "promote", "archive", "restore"
    const char *action;
    const char *summary;    // what was changed, in words
    const char *package;    // of the action "plugin", else NULL
    const char *changed_at; // RFC 3339, UTC
    const char *changed_by;
    int64_t lock_id;    // of the lock that is answered; 0 = it is not frozen
    bool is_archived;   // hosts get nothing
    const char *reason; // somebody gave for the change; NULL = none
};
struct environment_rows {
    struct environment_row *items;
    size_t count;
    bool more;
};
struct environment_detail {
    struct environment_row row;
    const char *document;           // canonical JSON
    struct environment environment; // what it says, with name and revision
    struct history_point point;     // of the same database snapshot
};

// One environment; `revision` 0 = its newest. Fails with: NOT_FOUND (the environment; the revision).
enum status store_environment_load(struct store *store, struct arena *arena, const char *name,
                                   int64_t revision, struct environment_detail *ret_detail,
                                   struct error *err);

// The newest revisions, by name.
struct environments_query {
    struct page page;
    bool with_archived;
};
enum status store_environments_load(struct store *store, struct arena *arena,
                                    const struct environments_query *query,
                                    struct environment_rows *ret_rows, struct error *err);

// The revisions of one environment, newest first.
struct environment_history {
    const char *name;
    int limit;      // 1..1000
    int64_t before; // cursor: a revision; 0 = from the newest
};
// Fails with: NOT_FOUND (the environment).
enum status store_environment_history_load(struct store *store, struct arena *arena,
                                           const struct environment_history *query,
                                           struct environment_rows *ret_rows, struct error *err);

// The newest revision that changed what an environment decides about a package.
struct environment_mark {
    const char *package; // normalised; "" = the policy
    int64_t revision;
    const char *since; // RFC 3339, UTC
    const char *by;
};
struct environment_marks {
    struct environment_mark *items; // by package
    size_t count;
};
enum status store_environment_marks_load(struct store *store, struct arena *arena, const char *name,
                                         struct environment_marks *ret_marks, struct error *err);
// The mark of a package; NULL for one that only an earlier document had.
const struct environment_mark *environment_marks_find(const struct environment_marks *marks,
                                                      const char *package);

// The state is a part of each revision:
//   freeze     brings `new_lock`
//   promote    brings the `lock_id` of another environment's lock
//   thaw       brings neither
struct environment_change {
    const char *name; // checked
    int64_t
        base_revision;    // the newest, as the caller has seen it; 0 = there is no such environment
    const char *document; // of the next revision, canonical
    const char *action;   // as in struct environment_row, with summary and package
    const char *summary;
    const char *package;
    const char *actor;
    const char *reason;   // NULL = none
    int64_t lock_id;      // of a lock that is there; 0 = none
    const char *new_lock; // the document of a lock that is made with the revision; NULL = none
    int64_t new_lock_releases;
    bool is_archived;
    const char *
        secrets; // that are set or removed with it: JSON, as environment_change.sql takes it; NULL = none
};
struct environment_outcome {
    int64_t revision; // that was made
    struct history_point point;
};
// One transaction: the next revision, a new lock if any, a change of the kind "environment", an audit event. Nothing is
// done when the newest revision is another than `base_revision`: of two writers, one makes a revision.
// Fails with: PRECONDITION (it is another), UNKNOWN_OUTCOME (reading the environment tells).
enum status store_environment_change(struct store *store, const struct environment_change *change,
                                     struct environment_outcome *ret_outcome, struct error *err);

// A lock: what a frozen environment answers, as text (resolver/lock.h reads it). Never altered.
struct environment_lock_row {
    int64_t id;
    const char *environment; // that it was made of, by the rules of this revision
    int64_t revision;
    int64_t release_count;
    const char *made_at; // RFC 3339, UTC
    const char *made_by;
    const char *document; // JSON
};
// The second form leaves the document out, which may be large. Fails with: NOT_FOUND.
enum status store_environment_lock_load(struct store *store, struct arena *arena, int64_t id,
                                        struct environment_lock_row *ret_lock, struct error *err);
enum status store_environment_lock_describe(struct store *store, struct arena *arena, int64_t id,
                                            struct environment_lock_row *ret_lock,
                                            struct error *err);

// ---- what enabling a package asks of an environment (store_environment_asks.c) ----

// Which of these packages (normalised names) are there, sorted.
enum status store_packages_known(struct store *store, struct arena *arena,
                                 const struct strings *packages, struct strings *ret_known,
                                 struct error *err);

// What a group says of the settings of a package that has entry points in it.
struct settings_schema {
    const char *package;
    const char *group;
    const char *text; // JSON Schema, compact JSON text
};

struct settings_schemas {
    struct settings_schema *items; // arena; by package, then group
    size_t count;
};

enum status store_settings_schemas_load(struct store *store, struct arena *arena,
                                        const struct strings *packages,
                                        struct settings_schemas *ret_schemas, struct error *err);

// A permission that a manifest of a release asks for.
struct permission_ask {
    const char *package;
    const char *version;
    const char *group; // of the entry point whose manifest it is
    const char *name;
    const char *permission; // NULL: there is no manifest that would tell
};
struct permission_asks {
    struct permission_ask *items; // by package, the newest release first, group, name, permission
    size_t count;
};
// What the live releases of these packages ask for beyond the known permissions, and where nothing tells.
enum status store_permission_asks_load(struct store *store, struct arena *arena,
                                       const struct strings *packages, const struct strings *known,
                                       struct permission_asks *ret_asks, struct error *err);
