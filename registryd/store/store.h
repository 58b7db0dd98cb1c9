// SPDX-License-Identifier: MIT
// The store: everything registryd keeps, in PostgreSQL. This header has the handle, publishing, lists,
// reports and the feed; store_access.h, store_audit.h, store_candidates.h, store_environments.h,
// store_lifecycle.h and store_search.h have the rest. Calls may come from any thread; each borrows a
// connection of the pool for its duration and is bounded in time. Results are in the arena given.
//
// Every call fails with: UNAVAILABLE (the database is away, busy or read-only), DISK_FULL,
// NO_MEMORY, INTERNAL, besides what the call's own comment says.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/log.h"
#include "schema/readers/artifact/artifact.h"

#include <stdint.h>

struct object_store;
struct store;

// Where the bytes of files can be.
enum file_place { FILE_IN_DATABASE, FILE_IN_OBJECTS };

struct store_settings {
    const char *conninfo;        // libpq connection string or URI
    const char *owner_conninfo;  // of the role that owns the tables; NULL = the same
    const char *read_conninfo;   // of a hot standby that answers reads; NULL = the primary does
    const char *backup_role;     // the owner makes this role, which reads everything; NULL = none
    int pool_size;               // connections at the most
    const char *direct_conninfo; // past the pooler; NULL = conninfo
    int timeout_ms;              // of one call, connecting included
    bool is_pooled;              // conninfo and read_conninfo lead to a pooler in transaction mode
    const char *disk; // folder on the disk that the server writes to; NULL = not known; borrowed
    const char *history_path;   // file that remembers the history seen last; NULL = none; borrowed
    int64_t accepted_history;   // number of the epoch that is given up (history_gate.h); 0 = none
    const struct log_sink *log; // for events of the pool; borrowed
    struct object_store *objects; // with files; NULL: all files are in the database; borrowed
    enum file_place new_files;    // where new ones go
    int grace_seconds;            // after which an object that no file refers to is removed
};

// Makes the handle; connects lazily, so it works while the database is away. Owned.
enum status store_open(const struct store_settings *settings, struct store **ret_store,
                       struct error *err);
void store_close(struct store *store);

// Brings the schema up to date under an advisory lock; several daemons may start at once. With an owner's
// connection string this is done as the owner, who then gives the other role its rights.
// Fails with: CONFLICT (the database is newer than this program, a migration was altered, the server
// is too old or the encoding is not UTF-8).
enum status store_migrate(struct store *store, struct error *err);

// The connections to the database at this moment.
struct store_stats {
    int size;          // as many as there may be
    int open;          // lent or idle
    int lent;          // in use
    bool is_reachable; // as far as the last attempt told
};
void store_stats(struct store *store, struct store_stats *ret_stats);

// One round trip, for readiness, always to the primary.
enum status store_ping(struct store *store, struct error *err);

enum { EPOCH_SIZE = 37 }; // UUID text with its NUL

// A serial means nothing without its epoch. A restored backup counts on from older serials, in a
// new epoch, whose number is higher.
struct history_point {
    char epoch[EPOCH_SIZE]; // the history the serial counts in
    int64_t serial;         // of the last change
    int64_t epoch_number;   // a later epoch has a higher one; 0 when it is not known
};

// Whether `point` is behind `other` in time: in a later epoch, or at a later serial. Of epochs whose numbers do not
// tell, another one counts as later.
bool history_point_is_later(const struct history_point *point, const struct history_point *other);

// ---- reads from a standby (store_reading.c) ----

// The handle for what only reads: a standby answers when it has reached the required point, else the primary. The
// store itself when no standby is set. Whoever decides by what is read, or writes, uses the store. Borrowed.
struct store *store_reading(struct store *store);

// From now on reads show this point or a later one. The index says so before anybody can learn of the point.
void store_reading_require(struct store *reading, const struct history_point *point);

enum standby_state {
    STANDBY_NONE,   // not set
    STANDBY_AWAY,   // it does not answer
    STANDBY_BEHIND, // it lacks changes that this daemon has had for half a second
    STANDBY_USED
};
// "used". Static.
const char *standby_state_name(enum standby_state state);

struct standby_stats {
    enum standby_state state;
    int64_t behind;     // changes that it lacked at the last look
    uint64_t reads;     // that it began
    uint64_t fallbacks; // of them, those that the primary then did
};
void store_standby_stats(struct store *store, struct standby_stats *ret_stats);

// Looks whether the standby can be used, for a second at most. Logs when that changes.
void store_standby_check(struct store *store);

// ---- publish (store_publish.c) ----

// On whose behalf, and what was judged before: whether the name may be published at all, and whether the
// release keeps the contracts of its groups. The publishing transaction checks both again, because two
// publishers may use one new name at the same moment, and a contract or the owner of a group may have changed.
struct publisher {
    const char *actor; // for the audit
    const char *team;  // it owns what it publishes first
    bool may_update;   // also releases of packages that it does not own
    bool is_dry_run;   // the transaction is rolled back at its end
    bool
        may_not_create; // only releases of packages that are there: rights to a new name were not asked for
    int64_t
        group_revision; // sum over the contracts of its groups when the rights to them were checked
    int64_t
        contract_revision; // the same when the release was held against the contracts; 0 = it was not
};

struct publish_outcome {
    bool created; // false: the same release was there already; of a dry run: it would be created
    // Nothing was written: its groups have contracts of other revisions than those it was held against.
    bool is_unchecked;
    struct history_point point;
};

// One transaction: package, release, entry points, change, audit; visible whole or not at all. The
// contracts are those of the moment it begins: one that changes meanwhile may miss it.
// Fails with: CONFLICT (the version exists with another content, the new name looks like another's, or
// the package does not accept releases), FORBIDDEN (the package belongs to another team, or the name is
// reserved), UNAVAILABLE also when a contract or the owner of a group has changed since the rights were
// checked, UNKNOWN_OUTCOME (the connection was lost during COMMIT; publishing again is safe).
// A dry run fails in the same ways, and leaves nothing behind.
enum status store_publish(struct store *store, const struct valid_release *release,
                          const struct publisher *publisher, struct publish_outcome *ret_outcome,
                          struct error *err);

// Writes the release if nothing at all speaks against it, without asking why not: then it is not `created`. Fails with
// as store_publish, but never CONFLICT.
enum status store_publish_at_once(struct store *store, const struct valid_release *release,
                                  const struct publisher *publisher,
                                  struct publish_outcome *ret_outcome, struct error *err);

// What stands in the way of a release, for an asker without rights: `publisher` without a team. It is not told who
// may use the name. created: nothing does. Fails with: CONFLICT, and as store_publish.
enum status store_publish_ask(struct store *store, const struct valid_release *release,
                              const struct publisher *publisher,
                              struct publish_outcome *ret_outcome, struct error *err);

// ---- artifacts (files/store_artifacts.c, files/store_files.c) ----

struct artifact_upload {
    const struct valid_release *release; // as the artifact says it
    bool is_agreed; // the release is there, and the caller has found that the two agree
    const struct valid_release *completed; // what the release is with this file; NULL: as it is
    const char *there_digest;              // hex: of the release that is completed
    const struct artifact *artifact;
    int fd;                   // of a file with its bytes
    const char *attestations; // JSON, kept as it is; NULL: none
    const char *uploaded_at;  // RFC 3339: when another registry got it; NULL: now
    const char *own_terms; // JSON {"requires_python", "requires_dist"}; NULL: those of the release
    struct publisher publisher;
};

struct artifact_outcome {
    bool created; // false: the same file was there already; of a dry run: it would be created
    struct history_point point;
};

// One transaction: the release unless it is agreed, its artifact, the bytes, changes, audit. Takes
// longer than the settings' timeout when there is much to write.
// Fails with: CONFLICT (the file name is there with other bytes; the release is there, not agreed and
// another, or not the one that was to be completed; the package takes no files), UNKNOWN_OUTCOME as above.
enum status store_artifact_publish(struct store *store, const struct artifact_upload *upload,
                                   struct artifact_outcome *ret_outcome, struct error *err);

struct artifact_location {
    const char *package;
    const char *version;
    const char *sha256; // hex
    struct history_point point;
};
// Where a file name is used already. Fails with: NOT_FOUND.
enum status store_artifact_find(struct store *store, struct arena *arena, const char *filename,
                                struct artifact_location *ret_location, struct error *err);

// What is known of an upload before its file is read.
struct upload_place {
    struct artifact_location location; // .sha256 is NULL while the file name is free
    bool quarantined;                  // the package or the release that it would go to
    bool closed;                       // the release takes no more files
};
struct upload_place_query {
    const char *filename;
    const char *package; // normalised, as the version is
    const char *version;
    int64_t open_days; // how long a release takes files after its first one; 0 = for ever
};
enum status store_upload_place(struct store *store, struct arena *arena,
                               const struct upload_place_query *query,
                               struct upload_place *ret_place, struct error *err);

struct artifact_row {
    const char *version;     // of its release
    const char *filename;    // as it was uploaded
    const char *kind;        // "wheel", "sdist"
    int64_t size;            // bytes
    const char *sha256;      // hex
    const char *tags;        // with a space between them
    const char *uploaded_at; // RFC 3339, UTC
    const char *uploaded_by; // actor
    const char *own_terms; // JSON {"requires_python", "requires_dist"}; NULL: those of the release
    const char *own_words; // the same for people: "Python >=3.12, crm>=2"
};
struct artifact_rows {
    struct artifact_row *items; // by release, the newest first, then by file name
    size_t count;
};
// Of all releases of a package; `version` NULL = all, else of that one.
enum status store_artifacts_load(struct store *store, struct arena *arena, const char *package,
                                 const char *version, struct artifact_rows *ret_rows,
                                 struct error *err);

enum { FILE_KEY_SIZE = 201 };
struct file_location {
    uint8_t sha256[32];             // of the whole file
    int64_t size;                   // bytes
    int64_t piece_bytes;            // of every piece but the last, in the database
    char object_key[FILE_KEY_SIZE]; // in the object store; empty: in the database
    bool quarantined;               // its package or release
};
// The file of this digest and name. Fails with: NOT_FOUND, FORBIDDEN (its package or release is quarantined).
enum status store_file_find(struct store *store, const uint8_t sha256[32], const char *filename,
                            struct file_location *ret_location, struct error *err);

// Reads bytes of a file from `offset` on, at most `size` and to the end of a piece at the farthest;
// *ret_len is at least 1. `offset` must lie in the file. When the file has moved to the other place meanwhile,
// reading goes on there, and *location says so.
struct file_span {
    int64_t offset; // in the file
    char *room;     // where the bytes go
    size_t size;    // of the room
};
enum status store_file_read(struct store *store, struct file_location *location,
                            const struct file_span *span, size_t *ret_len, struct error *err);

// How much to read at once: a request to an object store takes longer than a statement.
size_t store_file_span_bytes(const struct file_location *location);

// An address at the object store where anybody can get the file for a minute; NULL when it is in the database. Arena.
enum status store_file_presign(struct store *store, struct arena *arena,
                               const struct file_location *location, const char *disposition,
                               const char **ret_url, struct error *err);

// Requests to the object store since the start, and those that failed in the end; zeros without one.
struct object_stats {
    int64_t calls;
    int64_t failures;
};
void store_object_stats(struct store *store, struct object_stats *ret_stats);

// Removes objects that no file refers to and none will: those of uploads that did not end, and of files that moved back.
// *ret_removed says how many. Nothing to do without an object store.
enum status store_objects_collect(struct store *store, int *ret_removed, struct error *err);

// ---- lists and details (store_catalogue.c) ----

// The cursor is a name and not an offset. So rows that come or go in between never shift the next
// page.
struct page {
    int limit;         // 1..1000
    const char *after; // cursor: the last name of the page before; NULL = from the start
};

struct package_row {
    const char *name;           // normalised
    const char *display_name;   // as the author spells it
    const char *summary;        // of the newest release
    const char *latest_version; // newest final release, else newest; NULL: all are quarantined
    const char *status;         // "active", "deprecated", "archived", "quarantined"
    const char *status_reason;  // NULL: none given
    const char *replaced_by;    // the package to use instead, or NULL
    int64_t release_count;
    const char *updated_at; // RFC 3339, UTC
};

struct release_row {
    const char *version; // normalised
    bool prerelease;
    bool yanked;               // only environments that pin it get it
    const char *yanked_reason; // NULL: none given
    const char *state;         // "live", "quarantined"
    const char *state_reason;  // NULL: none given
    const char *requires_python;
    const char *published_at; // RFC 3339, UTC
    const char *published_by; // actor
    const char *digest;       // hex
};
struct package_detail {
    struct package_row package;
    struct release_row *releases; // newest first
    size_t release_count;
    const char *document; // of latest_version, canonical JSON; NULL when that is
};
// Fails with: NOT_FOUND.
enum status store_package_load(struct store *store, struct arena *arena, const char *package,
                               struct package_detail *ret_detail, struct error *err);

struct release_detail {
    const char *package;
    struct release_row release;
    const char *document; // canonical JSON
    bool has_file;        // without one the release is provisional: its first file completes it
    bool has_wheel;
};
// Fails with: NOT_FOUND.
enum status store_release_load(struct store *store, struct arena *arena, const char *package,
                               const char *version, struct release_detail *ret_detail,
                               struct error *err);

struct group_row {
    const char *name;
    int64_t package_count;     // that ever had an entry point in it
    int64_t entry_point_count; // distinct names, over all releases there ever were
};
struct group_rows {
    struct group_row *items;
    size_t count;
    bool more;
};
enum status store_groups_load(struct store *store, struct arena *arena, const struct page *page,
                              struct group_rows *ret_rows, struct error *err);

// Names of groups that the packaging standard does not allow, at most `limit`. Arena.
enum status store_groups_not_indexable_load(struct store *store, struct arena *arena, int limit,
                                            struct strings *ret_names, struct error *err);

// The names of all groups there are, in order, without counting anything. Arena.
enum status store_group_names_load(struct store *store, struct arena *arena,
                                   const char *const **ret_names, size_t *ret_count,
                                   struct error *err);

// Names that are most like a word, the nearest first; never the word itself.
enum near_names { NEAR_GROUPS, NEAR_ENVIRONMENTS };
struct near_names_query {
    enum near_names kind;
    const char *word;
    int64_t limit;
};
// Reads every name, so it is for errors alone. Arena. Fails with: UNAVAILABLE, NO_MEMORY.
enum status store_names_near_load(struct store *store, struct arena *arena,
                                  const struct near_names_query *query, struct strings *ret_names,
                                  struct error *err);

// ---- parity reports of hosts (store_reports.c) ----

struct parity_report {
    const char *group;
    bool equal;          // walk and registry agree
    bool is_empty;       // neither has an entry point, not even a broken or withheld one
    const char *summary; // JSON object: counts and names, handed back by store_transition_load
    const char *report;  // JSON object: all of it that is kept
};
// What one host reports at once.
struct report_batch {
    const char *host; // as it calls itself
    const char *environment;
    const char *origin;                // JSON object: how the host walked
    const char *actor;                 // whose token it was
    const struct parity_report *items; // of each group one
    size_t count;
    bool allow_empty; // the host says that empty groups are meant to be empty
};
// Where the host stands in a group after its report.
struct report_status {
    const char *group;
    bool equal;
    const char *equal_since; // RFC 3339; NULL when not equal
    int64_t report_count;    // so far, dropped ones included
};
struct report_statuses {
    struct report_status *items; // by group
    size_t count;
};
// One transaction: all reports, an audit event. No change: the serial stays, and no follower is woken. Of each
// host and group the last LIMIT_REPORT_HISTORY reports are kept.
// Fails with: UNKNOWN_OUTCOME (reporting again is safe: it counts once more).
enum status store_reports_add(struct store *store, struct arena *arena,
                              const struct report_batch *batch,
                              struct report_statuses *ret_standings, struct error *err);

struct transition_query {
    const struct text *groups; // none = all
    size_t group_count;
    const char *host; // NULL = all
    struct page page; // of hosts; `after` is group, host and environment, one a line
};
struct transition_row {
    const char *group;
    const char *host;
    const char *environment;
    bool equal;
    const char *equal_since;     // since when without interruption; NULL when not equal
    bool safe;                   // its reports have agreed for as long as it asked for
    const char *first_report_at; // RFC 3339, UTC
    const char *last_report_at;  // RFC 3339, UTC
    const char *reported_by;
    int64_t report_count;
    const char *summary; // JSON object
    int64_t hosts_total; // these are of the whole group
    int64_t hosts_equal;
    int64_t hosts_safe;
    const char *group_equal_since; // NULL unless all are equal, and one has an entry point
    const char *group_safe_after;  // from when on reports make every host safe; NULL likewise
};
// Whether every host of the row's group may switch: it loses nothing, and has proven it for long enough.
bool transition_is_safe(const struct transition_row *row);

struct transition_rows {
    struct transition_row *items; // by group, host, environment
    size_t count;
    bool more;
};
enum status store_transition_load(struct store *store, struct arena *arena,
                                  const struct transition_query *query,
                                  struct transition_rows *ret_rows, struct error *err);

// One report, in counts of entry points.
struct report_point {
    int64_t at_ms; // Unix time
    bool equal;
    int64_t same; // on both sides
    int64_t only_walk;
    int64_t only_registry;
    int64_t changed; // other value or version
};
struct report_points {
    struct report_point *items; // the oldest first
    size_t count;
};
// The reports that are kept of one host and group.
enum status store_report_history_load(struct store *store, struct arena *arena,
                                      const struct transition_row *row,
                                      struct report_points *ret_points, struct error *err);

// ---- the feed (store_feed.c) ----

struct change {
    int64_t serial;
    const char *kind;        // "publish", ...
    const char *package;     // normalised, or NULL
    const char *version;     // NULL: it is not about a release
    const char *environment; // the name of the one it is in; NULL: it is in none
    const char *reason;      // that somebody gave; NULL: none
    const char *at;          // RFC 3339, UTC
    struct strings groups;   // entry-point groups touched
    const char *actor;       // who made it, "team/token"; NULL: it changes rights, see the audit
    const char *detail;      // the file, entry point, team or words that it is about; NULL: none
};
struct changes {
    struct change *items; // by serial, without gaps
    size_t count;
    struct history_point point;
};
// Changes with serial > since, at most `limit`.
enum status store_changes_load(struct store *store, struct arena *arena, int64_t since, int limit,
                               struct changes *ret_changes, struct error *err);

struct listener;
// LISTENs on a connection of its own, on the primary. Used by one thread. Owned.
enum status store_listener_open(struct store *store, struct listener **ret_listener,
                                struct error *err);
// Waits until something was notified, `timeout_ms` passed, or `wake_fd` (-1 = none) is readable.
// True in *ret_notified when a notification came. Fails with: UNAVAILABLE (open a new one).
enum status store_listener_wait(struct listener *listener, int timeout_ms, int wake_fd,
                                bool *ret_notified, struct error *err);
void store_listener_close(struct listener *listener);
