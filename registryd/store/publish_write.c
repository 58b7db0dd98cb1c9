// SPDX-License-Identifier: MIT
// A batch as the lists that the statement release_publish unnests: one list a column, one item a release or an
// entry point. The lists live in an arena for the time of the call; the texts are the releases' own. The
// statement writes nothing rather than failing, and cannot say which of its conditions was false; the second
// half reads everything that may be the reason, and the first that applies becomes the error.
#include "registryd/store/publish_write.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <string.h>

struct release_lists {
    struct text *names;
    struct text *display_names;
    struct text *versions;
    struct text *version_keys; // bytes that sort as versions do
    int64_t *prereleases;      // 0 or 1
    struct text *requires_pythons;
    struct text *summaries;
    struct text *documents;
    struct text *digests; // SHA-256
    struct text *actors;
    struct text *teams;
    int64_t *may_updates;        // 0 or 1
    int64_t *contract_revisions; // that the release was held against
    int64_t *may_creates;        // 0 or 1
};

CLEANUP_DEFINE(struct arena *, free_arena, arena_free)

// `count` lists of `length` views each; NULL when out of memory.
// One block for all lists of a kind. The lists are spans of it.
static struct text *make_lists(struct arena *arena, size_t count, size_t length) {
    return arena_array(arena, count * length + 1, sizeof(struct text));
}

static enum status make_release_lists(struct arena *arena, size_t count,
                                      struct release_lists *ret_lists, struct error *err) {
    struct text *views = make_lists(arena, 10, count);
    int64_t *numbers = arena_array(arena, 4 * count, sizeof *numbers);
    if (!views || !numbers) {
        return fail_no_memory(err);
    }
    *ret_lists = (struct release_lists){
        .names = views,
        .display_names = views + count,
        .versions = views + 2 * count,
        .version_keys = views + 3 * count,
        .prereleases = numbers,
        .requires_pythons = views + 4 * count,
        .summaries = views + 5 * count,
        .documents = views + 6 * count,
        .digests = views + 7 * count,
        .actors = views + 8 * count,
        .teams = views + 9 * count,
        .may_updates = numbers + count,
        .contract_revisions = numbers + 2 * count,
        .may_creates = numbers + 3 * count,
    };
    return STATUS_OK;
}

static enum status make_entry_lists(struct arena *arena, size_t count,
                                    struct publish_entries *ret_lists, struct error *err) {
    struct text *views = make_lists(arena, 4, count);
    int64_t *numbers = arena_array(arena, count + 1, sizeof *numbers);
    if (!views || !numbers) {
        return fail_no_memory(err);
    }
    *ret_lists = (struct publish_entries){
        .positions = numbers,
        .groups = views,
        .names = views + count,
        .values = views + 2 * count,
        .manifests = views + 3 * count,
    };
    return STATUS_OK;
}

// The sum that the statement compares. Rights and contracts must have been checked against one state; a
// release whose checks saw two states is given a sum that never matches, and publish_conflict says why.
static int64_t checked_revision(const struct publisher *publisher) {
    bool is_held = publisher->contract_revision != 0;
    return is_held && publisher->contract_revision != publisher->group_revision
               ? -1
               : publisher->contract_revision;
}

static void fill_release(struct release_lists *lists, size_t at, const struct publish_job *job) {
    const struct valid_release *valid = job->release;
    lists->names[at] = text_from(valid->normalized_name);
    lists->display_names[at] = text_from(valid->release.name);
    lists->versions[at] = text_from(valid->normalized_version);
    lists->version_keys[at] =
        (struct text){(const char *)valid->version_key, valid->version_key_len};
    lists->prereleases[at] = valid->prerelease;
    lists->requires_pythons[at] = text_from(valid->release.requires_python);
    lists->summaries[at] = text_from(valid->release.summary);
    lists->documents[at] = (struct text){valid->document, valid->document_len};
    lists->digests[at] = (struct text){(const char *)valid->digest, sizeof valid->digest};
    lists->actors[at] = text_from(job->publisher->actor);
    lists->teams[at] = text_from(job->publisher->team);
    lists->may_updates[at] = job->publisher->may_update;
    lists->contract_revisions[at] = checked_revision(job->publisher);
    lists->may_creates[at] = !job->publisher->may_not_create;
}

// `position` says which release of the batch an entry point belongs to, as the database counts:
// from 1.
static void add_entries(struct publish_entries *lists, size_t position,
                        const struct release *release) {
    for (size_t i = 0; i < release->entry_point_count; i++) {
        const struct entry_point *entry = &release->entry_points[i];
        size_t at = lists->count++;
        lists->positions[at] = (int64_t)position;
        lists->groups[at] = text_from(entry->group);
        lists->names[at] = text_from(entry->name);
        lists->values[at] = text_from(entry->value);
        const struct manifest *manifest = release_find_manifest(release, entry->group, entry->name);
        lists->manifests[at] = text_from(manifest ? manifest->json : NULL);
    }
}

enum status publish_entries_make(struct arena *arena, const struct release *release,
                                 struct publish_entries *ret_entries, struct error *err) {
    struct publish_entries entries;
    enum status status = make_entry_lists(arena, release->entry_point_count, &entries, err);
    if (status) {
        return status;
    }
    add_entries(&entries, 1, release);
    *ret_entries = entries;
    return STATUS_OK;
}

struct written {
    int64_t position; // in the batch, from 1
    struct history_point point;
};

static const struct db_column written_columns[] = {
    {"position", DB_COLUMN_INT64, offsetof(struct written, position), 0},
    {"epoch", DB_COLUMN_CHARS, offsetof(struct written, point.epoch), EPOCH_SIZE},
    {"epoch_number", DB_COLUMN_INT64, offsetof(struct written, point.epoch_number), 0},
    {"serial", DB_COLUMN_INT64, offsetof(struct written, point.serial), 0},
};

// Only releases that were written come back, with their position in the batch. A job without a row keeps
// `created` false, and its caller asks publish_conflict why.
static enum status run_statement(struct db *db, const struct db_call *call,
                                 struct publish_job *const *jobs, size_t count, struct error *err) {
    static const struct db_columns columns = {written_columns, COUNT_OF(written_columns), 0, NULL};
    scoped(db_rows_done) struct db_rows rows = {.columns = &columns};
    enum status status = db_run(db, call, &rows, err);
    while (!status) {
        struct written row;
        status = db_rows_next(&rows, &row, err);
        if (status || !rows.found) {
            break;
        }
        if (row.position < 1 || row.position > (int64_t)count) {
            return fail(err, STATUS_INTERNAL, NULL,
                        "The database wrote a release that no request sent");
        }
        jobs[row.position - 1]->outcome =
            (struct publish_outcome){.created = true, .point = row.point};
    }
    return status;
}

static size_t count_entries(struct publish_job *const *jobs, size_t count) {
    size_t entries = 0;
    for (size_t i = 0; i < count; i++) {
        entries += jobs[i]->release->release.entry_point_count;
    }
    return entries;
}

enum status publish_write(struct db *db, struct publish_job *const *jobs, size_t count,
                          struct error *err) {
    scoped(free_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return fail_no_memory(err);
    }
    struct release_lists of;
    struct publish_entries entry;
    enum status status = make_release_lists(arena, count, &of, err);
    if (status) {
        return status;
    }
    status = make_entry_lists(arena, count_entries(jobs, count), &entry, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < count; i++) {
        fill_release(&of, i, jobs[i]);
        add_entries(&entry, i + 1, &jobs[i]->release->release);
        jobs[i]->outcome = (struct publish_outcome){0};
    }
    struct db_call call = {
        SQL_RELEASE_PUBLISH,
        .values =
            {
                [RELEASE_PUBLISH_NAMES] = db_text_list(of.names, count),
                [RELEASE_PUBLISH_DISPLAY_NAMES] = db_text_list(of.display_names, count),
                [RELEASE_PUBLISH_VERSIONS] = db_text_list(of.versions, count),
                [RELEASE_PUBLISH_VERSION_KEYS] = db_bytes_list(of.version_keys, count),
                [RELEASE_PUBLISH_PRERELEASES] = db_int64_list(of.prereleases, count),
                [RELEASE_PUBLISH_REQUIRES_PYTHONS] = db_text_list(of.requires_pythons, count),
                [RELEASE_PUBLISH_SUMMARIES] = db_text_list(of.summaries, count),
                [RELEASE_PUBLISH_DOCUMENTS] = db_text_list(of.documents, count),
                [RELEASE_PUBLISH_DIGESTS] = db_bytes_list(of.digests, count),
                [RELEASE_PUBLISH_ACTORS] = db_text_list(of.actors, count),
                [RELEASE_PUBLISH_ENTRY_POSITIONS] = db_int64_list(entry.positions, entry.count),
                [RELEASE_PUBLISH_ENTRY_GROUPS] = db_text_list(entry.groups, entry.count),
                [RELEASE_PUBLISH_ENTRY_NAMES] = db_text_list(entry.names, entry.count),
                [RELEASE_PUBLISH_ENTRY_VALUES] = db_text_list(entry.values, entry.count),
                [RELEASE_PUBLISH_ENTRY_MANIFESTS] = db_text_list(entry.manifests, entry.count),
                [RELEASE_PUBLISH_TEAMS] = db_text_list(of.teams, count),
                [RELEASE_PUBLISH_MAY_UPDATES] = db_int64_list(of.may_updates, count),
                [RELEASE_PUBLISH_CONTRACT_REVISIONS] = db_int64_list(of.contract_revisions, count),
                [RELEASE_PUBLISH_MAY_CREATES] = db_int64_list(of.may_creates, count),
            },
    };
    return run_statement(db, &call, jobs, count, err);
}

// ---- why a release was not written ----

// What is there in the place of a release.
struct identity {
    struct history_point point;
    const char *status;        // of the package; NULL when there is none
    const char *owner;         // team; NULL: none
    const char *version;       // of the release with the same key; NULL when there is none
    bool same;                 // the release there has the same digest
    const char *confusable;    // another package, whose name looks like this one
    const char *reserved;      // the reservation that the name falls under; NULL when there is none
    const char *reserved_for;  // NULL = for no team
    int64_t contract_revision; // of the release's groups now
};

static const struct db_column identity_columns[] = {
    {"epoch", DB_COLUMN_CHARS, offsetof(struct identity, point.epoch), EPOCH_SIZE},
    {"epoch_number", DB_COLUMN_INT64, offsetof(struct identity, point.epoch_number), 0},
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

// Deprecated packages still take releases: their users need fixes.
static bool is_closed(const char *package_status) {
    return strcmp(package_status, "archived") == 0 || strcmp(package_status, "quarantined") == 0;
}

static bool is_same_team(const char *team, const struct publish_job *job) {
    return team && job->publisher->team && strcmp(team, job->publisher->team) == 0;
}

// Why a new name may not be published. Its own reservation comes before every name that looks like it.
static enum status explain_name(const struct publish_job *job, const struct identity *found,
                                struct error *err) {
    const char *name = job->release->normalized_name;
    if (is_same_team(found->reserved_for, job)) {
        return STATUS_OK;
    }
    if (found->reserved && job->publisher->team) { // else the asker has no right to know it
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

// From the most specific reason to the least: the same version before the state of the package, and that
// before the rights to it.
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
    bool is_asking = !job->publisher->team;
    if (found->status && !is_asking && !is_same_team(found->owner, job) &&
        !job->publisher->may_update) {
        return fail(err, STATUS_FORBIDDEN, "/name", "The package \"%s\" belongs to %s", name,
                    found->owner ? found->owner : "no team");
    }
    return found->status ? STATUS_OK : explain_name(job, found, err);
}

// `found` borrows from `rows`, so the caller keeps the rows until the reason is written.
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

// Found the same release: settled, and the publisher gets 200. Found nothing that forbids it: not settled,
// the caller sends the statement again. In between lies a contract that changed: is_unchecked asks the caller
// to hold the release against the contracts of now.
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
    if (!job->publisher->team) { // asks only, and is held against the contracts by itself
        *ret_outcome = (struct publish_outcome){.created = !found.same, .point = found.point};
        *ret_settled = true;
        return STATUS_OK;
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
