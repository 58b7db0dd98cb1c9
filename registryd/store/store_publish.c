// SPDX-License-Identifier: MIT
// Publishing: one statement is the whole transaction, so a release costs one round trip and is
// visible whole or not at all. Only when it wrote nothing a second statement asks why. Two publishers
// of one version in the same moment meet at the unique key: the loser is told by the same question.
#include "registryd/store/store_handle.h"

#include "schema/base/cleanup.h"

#include <string.h>

enum { ATTEMPTS_MAX = 3 };

CLEANUP_DEFINE(struct arena *, free_arena, arena_free)

// What is there in the place of a release.
struct identity {
    struct history_point point;
    const char *status;  // of the package; NULL when there is none
    const char *version; // of the release with the same key; NULL when there is none
    bool same;
};

static const struct db_column identity_columns[] = {
    {"epoch", DB_COLUMN_CHARS, offsetof(struct identity, point.epoch), EPOCH_SIZE},
    {"serial", DB_COLUMN_INT64, offsetof(struct identity, point.serial), 0},
    {"status", DB_COLUMN_BORROWED, offsetof(struct identity, status), 0},
    {"version", DB_COLUMN_BORROWED, offsetof(struct identity, version), 0},
    {"same", DB_COLUMN_BOOL, offsetof(struct identity, same), 0},
};

// The entry points as four columns for unnest.
struct entry_columns {
    const char **groups;
    const char **names;
    const char **values;
    const char **manifests;
};

static const char *find_manifest(const struct release *release, const struct entry_point *entry) {
    for (size_t i = 0; i < release->manifest_count; i++) {
        const struct manifest *manifest = &release->manifests[i];
        if (strcmp(manifest->group, entry->group) == 0 &&
            strcmp(manifest->name, entry->name) == 0) {
            return manifest->json;
        }
    }
    return NULL;
}

static enum status split_entries(struct arena *arena, const struct release *release,
                                 struct entry_columns *ret_columns, struct error *err) {
    size_t count = release->entry_point_count;
    const char **cells = arena_array(arena, 4 * count + 1, sizeof *cells);
    if (!cells) {
        return fail_no_memory(err);
    }
    struct entry_columns columns = {cells, cells + count, cells + 2 * count, cells + 3 * count};
    for (size_t i = 0; i < count; i++) {
        const struct entry_point *entry = &release->entry_points[i];
        columns.groups[i] = entry->group;
        columns.names[i] = entry->name;
        columns.values[i] = entry->value;
        columns.manifests[i] = find_manifest(release, entry);
    }
    *ret_columns = columns;
    return STATUS_OK;
}

// CONFLICT: somebody else was faster. Not created: the statement found a reason not to.
static enum status write_release(struct db *db, const struct valid_release *valid,
                                 const char *actor, struct publish_outcome *ret_outcome,
                                 struct error *err) {
    scoped(free_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return fail_no_memory(err);
    }
    const struct release *release = &valid->release;
    size_t count = release->entry_point_count;
    struct entry_columns entries;
    enum status status = split_entries(arena, release, &entries, err);
    if (status) {
        return status;
    }
    struct db_call call = {
        SQL_RELEASE_PUBLISH,
        {
            db_text(valid->normalized_name),
            db_text(release->name),
            db_text(valid->normalized_version),
            db_bytes(valid->version_key, valid->version_key_len),
            db_bool(valid->prerelease),
            db_text(release->requires_python),
            db_text(release->summary),
            db_text_of(valid->document, valid->document_len),
            db_bytes(valid->digest, sizeof valid->digest),
            db_text(actor),
            db_texts(entries.groups, count),
            db_texts(entries.names, count),
            db_texts(entries.values, count),
            db_texts(entries.manifests, count),
        },
    };
    scoped(db_rows_done) struct db_rows rows = {.columns = &store_point_columns};
    status = db_run(db, &call, &rows, err);
    if (!status) {
        status = db_rows_next(&rows, &ret_outcome->point, err);
        ret_outcome->created = rows.found;
    }
    return status;
}

static bool is_closed(const char *package_status) {
    return strcmp(package_status, "archived") == 0 || strcmp(package_status, "quarantined") == 0;
}

// Why nothing was written. *ret_settled is false when the reason is gone: write again.
static enum status explain(struct db *db, const struct valid_release *valid,
                           struct publish_outcome *ret_outcome, bool *ret_settled,
                           struct error *err) {
    static const struct db_columns columns = {identity_columns,
                                              sizeof identity_columns / sizeof *identity_columns};
    struct db_call call = {SQL_RELEASE_IDENTITY,
                           {db_text(valid->normalized_name),
                            db_bytes(valid->version_key, valid->version_key_len),
                            db_bytes(valid->digest, sizeof valid->digest)}};
    scoped(db_rows_done) struct db_rows rows = {.columns = &columns};
    struct identity found = {0};
    enum status status = db_run(db, &call, &rows, err);
    if (!status) {
        status = db_rows_next(&rows, &found, err);
    }
    if (status) {
        return status;
    }
    *ret_settled = true;
    const char *name = valid->normalized_name;
    if (found.same) {
        *ret_outcome = (struct publish_outcome){.point = found.point};
        return STATUS_OK;
    }
    if (found.version && strcmp(found.version, valid->normalized_version) != 0) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "%s %s is the same version as %s, which is published already; "
                    "publish under a new version",
                    name, valid->normalized_version, found.version);
    }
    if (found.version) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "%s %s is published already, with other content; a release never changes: "
                    "publish under a new version",
                    name, found.version);
    }
    if (found.status && is_closed(found.status)) {
        return fail(err, STATUS_CONFLICT, NULL, "The package %s is %s and takes no new releases",
                    name, found.status);
    }
    *ret_settled = false;
    return STATUS_OK;
}

enum status store_publish(struct store *store, const struct valid_release *release,
                          const char *actor, struct publish_outcome *ret_outcome,
                          struct error *err) {
    scoped(db_pool_end) struct db_loan loan = {0};
    enum status status = db_pool_begin(store->pool, &loan, err);
    if (status) {
        return status;
    }
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
        struct publish_outcome outcome = {0};
        status = write_release(loan.db, release, actor, &outcome, err);
        if (status && status != STATUS_CONFLICT) {
            return status;
        }
        bool settled = outcome.created;
        status = settled ? STATUS_OK : explain(loan.db, release, &outcome, &settled, err);
        if (!status && settled) {
            *ret_outcome = outcome;
        }
        if (status || settled) {
            return status;
        }
    }
    return fail(err, STATUS_INTERNAL, NULL, "The release can neither be written nor found");
}
