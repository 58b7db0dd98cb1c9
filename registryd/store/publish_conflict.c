// SPDX-License-Identifier: MIT
// A publish writes nothing rather than failing: the statement cannot say which of its conditions was false.
// Here one more statement reads everything that may be the reason, and the first that applies becomes the
// error, in the order a person would want to hear them. The reason may be gone by then; the caller then tries
// again. Inside the caller's transaction for artifacts, on a connection of its own for publishes.
#include "registryd/store/publish_conflict.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <string.h>

// What is there in the place of a release.
struct identity {
    struct history_point point;
    const char *status; // of the package; NULL when there is none
    const char *owner;
    const char *version; // of the release with the same key; NULL when there is none
    bool same;
    const char *confusable;    // another package, whose name looks like this one
    const char *reserved;      // the reservation that the name falls under; NULL when there is none
    const char *reserved_for;  // NULL = for no team
    int64_t contract_revision; // of the release's groups now
};

static const struct db_column identity_columns[] = {
    {"epoch", DB_COLUMN_CHARS, offsetof(struct identity, point.epoch), EPOCH_SIZE},
    {"serial", DB_COLUMN_INT64, offsetof(struct identity, point.serial), 0},
    {"status", DB_COLUMN_BORROWED, offsetof(struct identity, status), 0},
    {"owner", DB_COLUMN_BORROWED, offsetof(struct identity, owner), 0},
    {"version", DB_COLUMN_BORROWED, offsetof(struct identity, version), 0},
    {"same", DB_COLUMN_BOOL, offsetof(struct identity, same), 0},
    {"confusable", DB_COLUMN_BORROWED, offsetof(struct identity, confusable), 0},
    {"reserved", DB_COLUMN_BORROWED, offsetof(struct identity, reserved), 0},
    {"reserved_for", DB_COLUMN_BORROWED, offsetof(struct identity, reserved_for), 0},
    {"contract_revision", DB_COLUMN_INT64, offsetof(struct identity, contract_revision), 0},
};

static bool is_closed(const char *package_status) {
    return strcmp(package_status, "archived") == 0 || strcmp(package_status, "quarantined") == 0;
}

static bool is_same_team(const char *team, const struct publish_job *job) {
    return team && strcmp(team, job->publisher->team) == 0;
}

// Why a new name may not be published. Its own reservation comes before every name that looks like it.
static enum status explain_name(const struct publish_job *job, const struct identity *found,
                                struct error *err) {
    const char *name = job->release->normalized_name;
    if (is_same_team(found->reserved_for, job)) {
        return STATUS_OK;
    }
    if (found->reserved) {
        return fail(err, STATUS_FORBIDDEN, "/name",
                    "The name \"%s\" is reserved (as \"%s\"). Choose another name", name,
                    found->reserved);
    }
    if (found->confusable) {
        return fail(err, STATUS_CONFLICT, "/name",
                    "The name \"%s\" is too similar to the existing package \"%s\". Choose another "
                    "name",
                    name, found->confusable);
    }
    return STATUS_OK;
}

static enum status explain(const struct publish_job *job, const struct identity *found,
                           struct error *err) {
    const char *name = job->release->normalized_name;
    const char *version = job->release->normalized_version;
    if (found->version && strcmp(found->version, version) != 0) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "%s %s is the same version as %s, which is published already; "
                    "publish under a new version",
                    name, version, found->version);
    }
    if (found->version) {
        return fail(err, STATUS_CONFLICT, NULL,
                    "%s %s is published already, with other content; a release never changes: "
                    "publish under a new version",
                    name, found->version);
    }
    if (found->status && is_closed(found->status)) {
        return fail(err, STATUS_CONFLICT, NULL, "The package %s is %s and takes no new releases",
                    name, found->status);
    }
    if (found->status && !is_same_team(found->owner, job) && !job->publisher->may_update) {
        return fail(err, STATUS_FORBIDDEN, "/name", "The package \"%s\" belongs to %s", name,
                    found->owner ? found->owner : "no team");
    }
    return found->status ? STATUS_OK : explain_name(job, found, err);
}

static enum status load_identity(struct db *db, const struct valid_release *valid,
                                 struct db_rows *rows, struct identity *ret_identity,
                                 struct error *err) {
    size_t count = valid->release.entry_point_count;
    scoped(cleanup_memory) struct text *groups = calloc(count + 1, sizeof *groups);
    if (!groups) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        groups[i] = text_from(valid->release.entry_points[i].group);
    }
    struct db_call call = {
        SQL_RELEASE_IDENTITY,
        .values = {
            [RELEASE_IDENTITY_NAME] = db_text(valid->normalized_name),
            [RELEASE_IDENTITY_VERSION_KEY] = db_bytes(valid->version_key, valid->version_key_len),
            [RELEASE_IDENTITY_DIGEST] = db_bytes(valid->digest, sizeof valid->digest),
            [RELEASE_IDENTITY_GROUPS] = db_text_list(groups, count),
        }};
    enum status status = db_run(db, &call, rows, err);
    return status ? status : db_rows_next(rows, ret_identity, err);
}

enum status publish_conflict(struct db *db, const struct publish_job *job,
                             struct publish_outcome *ret_outcome, bool *ret_settled,
                             struct error *err) {
    static const struct db_columns columns = {identity_columns, COUNT_OF(identity_columns)};
    scoped(db_rows_done) struct db_rows rows = {.columns = &columns};
    struct identity found = {0};
    enum status status = load_identity(db, job->release, &rows, &found, err);
    if (!status && !found.same) {
        status = explain(job, &found, err);
    }
    if (status) {
        return status;
    }
    bool is_unchecked = !found.same && found.contract_revision != job->publisher->contract_revision;
    bool is_stale = job->publisher->contract_revision &&
                    job->publisher->contract_revision != job->publisher->group_revision;
    if (!found.same && (is_unchecked || is_stale) &&
        found.contract_revision != job->publisher->group_revision) {
        return fail(err, STATUS_UNAVAILABLE, NULL,
                    "A contract of its groups changed while the release was published. Try again");
    }
    if (found.same || is_unchecked) {
        *ret_outcome = (struct publish_outcome){.is_unchecked = is_unchecked, .point = found.point};
        *ret_settled = true;
    }
    return STATUS_OK;
}
