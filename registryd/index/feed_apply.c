// SPDX-License-Identifier: MIT
// Applying changes: take every group in memory, load the packages that changed as they are now, make
// new tables aside, and swap all of them in together with the new point. What is loaded may already
// show a later change; so the changes are read again until none concerns a group in memory, and what is
// swapped in is one state of the registry. Under a stream of changes that never pauses it gives up after
// a few rounds, and readers who need one state wait for the next. Another history (a restore, a failover) is
// loaded aside whole, as far as it was in memory, and takes over at once: until then all answers are of the old one.
#include "registryd/index/feed.h"

#include "registryd/index/group_load.h"
#include "registryd/index/package_pages.h"
#include "registryd/index/refresh.h"
#include "registryd/index/required.h"
#include "registryd/tables/required_table.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <string.h>

enum { BATCH = 500, MAX_ROUNDS = 4 };

// References to every table in memory.
// With references, so that a table which is pushed out meanwhile stays alive.
static enum status begin_refreshes(struct index *index, struct arena *arena,
                                   struct refreshes *refreshes) {
    pthread_mutex_lock(&index->lock);
    size_t room = group_map_count(index->groups);
    refreshes->items = arena_array(arena, room + 1, sizeof *refreshes->items);
    struct group *group = refreshes->items ? group_map_next(index->groups, NULL) : NULL;
    for (; group; group = group_map_next(index->groups, group)) {
        if (group->table) {
            refresh_init(&refreshes->items[refreshes->count++], group->table);
        }
    }
    pthread_mutex_unlock(&index->lock);
    return refreshes->items ? STATUS_OK : STATUS_NO_MEMORY;
}

// What one application of changes works with.
struct session {
    struct arena *arena;
    struct history_point point; // up to where changes are applied to `refreshes`
    struct changes changes;     // the next ones
    struct refreshes refreshes;
    struct strings environments; // that changed, maybe repeatedly
    struct strings groups;       // of which the contracts changed, maybe repeatedly
    struct contracts *contracts; // as they are now, when any changed
    bool is_hold_changed;        // of a package or a group
    struct page_marks packages;  // that changed
    bool is_exact;               // all this shows the state at `point`, nothing later
    bool is_over;                // the history is another, which is at `point`
    bool is_anew;                // all this was loaded aside, of another history than is in memory
    struct known_environment **known; // of it
    size_t known_count;
};

// Under `lock`. A table that could not be refreshed is dropped and loaded again when it is asked for, which
// is slow but never wrong.
static void swap_tables(struct index *index, struct refreshes *refreshes) {
    for (size_t i = 0; i < refreshes->count; i++) {
        struct refresh *refresh = &refreshes->items[i];
        bool is_changed = refresh->failed || refresh->fresh != refresh->old;
        struct group *group =
            is_changed ? group_map_find(index->groups, refresh->old->group) : NULL;
        if (!group || group->table != refresh->old) {
            continue; // unchanged, or pushed out meanwhile
        }
        if (refresh->failed) {
            group_map_remove(index->groups, group);
        } else {
            group_map_set(index->groups, group, take(refresh->fresh));
        }
    }
}

// Whether a group is `name` or belongs to it: "acme.plugins" belongs to "acme", whose owner is its own.
static bool belongs_to(const char *group, const char *name) {
    size_t len = strlen(name);
    return strncmp(group, name, len) == 0 && (!group[len] || group[len] == '.');
}

// A hold may keep releases back in every group that its packages are in.
static bool is_concerned(const struct session *session, const char *group) {
    bool is_concerned = !*group || session->is_hold_changed; // "": of all groups
    for (size_t i = 0; i < session->groups.count && !is_concerned; i++) {
        is_concerned = belongs_to(group, session->groups.items[i]);
    }
    return is_concerned;
}

static void swap_contracts(struct index *index, struct session *session) {
    contracts_unref(index->contracts);
    index->contracts = take(session->contracts);
    struct group *group = group_map_next(index->groups, NULL);
    for (; group; group = group_map_next(index->groups, group)) {
        if (session->is_anew || is_concerned(session, group->name)) {
            answer_cache_forget(index->cache, &group->answers);
        }
    }
}

// Under `lock`: the rest of another history, beside the tables. Groups and environments that it could not load are
// loaded when they are asked for.
static void swap_history(struct index *index, const struct session *session) {
    environments_forget(index->environments, NULL);
    for (size_t i = 0; i < session->known_count; i++) {
        environments_add(index->environments, session->known[i]);
    }
    package_pages_forget(index->pages, index->cache, NULL);
    index->point = session->point;
    index->next = (struct history_point){0};
    index->histories++;
}

// The epoch changes when the history does, for example by a restore of a backup: worth a line in the log.
static void log_history(struct index *index, const struct session *session) {
    struct history_point before;
    const struct history_point *after = &session->point;
    index_point(index, &before);
    if (before.epoch[0] && strcmp(before.epoch, after->epoch) != 0) {
        log_event(index->log, LOG_LEVEL_WARNING,
                  "event=epoch-changed from=%s from_serial=%lld to=%s to_number=%lld "
                  "to_serial=%lld",
                  before.epoch, (long long)before.serial, after->epoch,
                  (long long)after->epoch_number, (long long)after->serial);
    }
}

// All of a session at once, under one hold of the lock: no reader sees half of a change.
static void swap_in(struct index *index, struct session *session) {
    index_require(index, &session->point);
    log_history(index, session);
    pthread_mutex_lock(&index->lock);
    swap_tables(index, &session->refreshes);
    if (session->contracts) {
        swap_contracts(index, session);
    }
    if (session->is_anew) {
        swap_history(index, session);
    }
    package_pages_forget(index->pages, index->cache, &session->packages);
    for (size_t i = 0; i < session->environments.count; i++) {
        environments_forget(index->environments, session->environments.items[i]);
    }
    if (session->point.serial > index->point.serial) { // a publisher may have moved it on
        index->point.serial = session->point.serial;
    }
    pthread_cond_broadcast(&index->moved);
    pthread_mutex_unlock(&index->lock);
}

static void session_done(struct session *session) {
    refreshes_done(&session->refreshes);
    contracts_unref(session->contracts);
    for (size_t i = 0; i < session->known_count; i++) {
        known_environment_unref(session->known[i]);
    }
    arena_free(session->arena);
}

// Another epoch, or a serial that went back, means another history: everything in memory belongs to the old
// one.
static enum status read_on(struct index *index, struct session *session, struct error *err) {
    struct changes changes;
    enum status status = store_changes_load(index->store, session->arena, session->point.serial,
                                            BATCH, &changes, err);
    if (status) {
        return status;
    }
    if (changes.point.epoch_number < session->point.epoch_number) {
        // From a connection to the server that was left behind; the next one leads elsewhere.
        return fail(err, STATUS_UNAVAILABLE, NULL, "The database showed an older history");
    }
    if (strcmp(changes.point.epoch, session->point.epoch) != 0 ||
        changes.point.serial < session->point.serial) {
        session->point = changes.point;
        session->is_over = true;
        return STATUS_OK;
    }
    session->changes = changes;
    session->is_exact = !changes.count;
    return STATUS_OK;
}

// Appends a name. False when out of memory.
static bool note(struct arena *arena, struct strings *names, const char *name) {
    const char **items = arena_array(arena, names->count + 1, sizeof *items);
    if (!items) {
        return false;
    }
    if (names->count) {
        memcpy(items, names->items, names->count * sizeof *items);
    }
    items[names->count] = name;
    *names = (struct strings){items, names->count + 1};
    return true;
}

// Changes of environments and contracts are few: what they concern is forgotten, or read again whole.
static bool is_about_entry(const struct change *change) {
    static const char *const kinds[] = {"alias", "unalias", "entry-deprecate", "entry-undeprecate"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (strcmp(change->kind, kinds[i]) == 0) {
            return true;
        }
    }
    return false;
}

static enum status note_others(struct index *index, struct session *session, struct error *err) {
    bool is_contract_changed = false;
    for (size_t i = 0; i < session->changes.count; i++) {
        const struct change *change = &session->changes.items[i];
        bool is_noted = true;
        if (change->package) {
            page_marks_add(&session->packages, change->package);
        }
        bool is_hold = strcmp(change->kind, "hold") == 0 || strcmp(change->kind, "unhold") == 0;
        session->is_hold_changed = session->is_hold_changed || is_hold;
        is_contract_changed = is_contract_changed || is_hold;
        if (change->environment) {
            is_noted = note(session->arena, &session->environments, change->environment);
        } else if ((!change->package || is_about_entry(change)) && change->groups.count) {
            is_noted = note(session->arena, &session->groups, change->groups.items[0]);
            is_contract_changed = true;
        }
        if (!is_noted) {
            return fail_no_memory(err);
        }
    }
    if (!is_contract_changed) {
        return STATUS_OK;
    }
    contracts_unref(take(session->contracts));
    return contracts_load(index->store, &session->contracts, err);
}

// Packages are loaded as they are now, which may be later than the changes read: the session goes on reading
// until nothing more has come, so that the tables and the serial agree.
static enum status apply_round(struct index *index, struct session *session, struct error *err) {
    const struct changes *changes = &session->changes;
    bool is_refreshed = false;
    enum status status = note_others(index, session, err);
    if (status) {
        return status;
    }
    status = refreshes_apply(index, &session->refreshes, changes, &is_refreshed, err);
    if (status) {
        return status;
    }
    session->point.serial = changes->items[changes->count - 1].serial;
    // A full batch may have more behind it, and a refresh may have read a later state. Both read
    // on.
    session->is_exact = !is_refreshed && changes->count < BATCH;
    return session->is_exact ? STATUS_OK : read_on(index, session, err);
}

// ---- another history ----

static enum status load_table(struct index *index, const struct session *session,
                              const struct group_table *old, struct group_table **ret_table,
                              struct error *err) {
    const char *epoch = session->point.epoch;
    struct history_point first;
    if (strcmp(old->group, REQUIRED_GROUP) == 0) {
        return required_load_aside(index, old, epoch, ret_table, err);
    }
    scoped(cleanup_group_table) struct group_table *table = NULL;
    enum status status = group_load_aside(index, old->group, &table, &first, err);
    if (status) {
        return status;
    }
    if (strcmp(first.epoch, epoch) != 0) {
        return fail(err, STATUS_UNAVAILABLE, NULL,
                    "The registry got another history while a group was loaded. Try again");
    }
    *ret_table = take(table);
    return STATUS_OK;
}

// An absent database ends it, and the old tables stay. A table that cannot be loaded otherwise is given up.
static enum status load_tables(struct index *index, struct session *session, struct error *err) {
    for (size_t i = 0; i < session->refreshes.count; i++) {
        struct refresh *refresh = &session->refreshes.items[i];
        struct group_table *table = NULL;
        enum status status = load_table(index, session, refresh->old, &table, err);
        if (status == STATUS_UNAVAILABLE) {
            return status;
        }
        refresh->failed = status;
        if (table) {
            group_table_unref(refresh->fresh);
            refresh->fresh = table;
        }
    }
    return STATUS_OK;
}

// One that the other history does not have is left out.
static enum status load_environments(struct index *index, struct session *session,
                                     struct error *err) {
    struct strings names = {0};
    pthread_mutex_lock(&index->lock);
    bool is_good = environments_names(index->environments, session->arena, &names);
    pthread_mutex_unlock(&index->lock);
    session->known = arena_array(session->arena, names.count + 1, sizeof(void *));
    if (!is_good || !session->known) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < names.count; i++) {
        struct known_environment *known = NULL;
        enum status status = known_environment_load(index->store, names.items[i], &known, err);
        if (status == STATUS_UNAVAILABLE) {
            return status;
        }
        if (known) {
            session->known[session->known_count++] = known;
        }
    }
    return STATUS_OK;
}

// Loads all that is in memory again. In the end the changes since are read: they show whether the history is
// still the same, so all that was loaded is of it.
static enum status load_anew(struct index *index, struct session *session, struct error *err) {
    index_require(index, &session->point);
    enum status status = load_tables(index, session, err);
    if (status) {
        return status;
    }
    status = load_environments(index, session, err);
    if (status) {
        return status;
    }
    status = contracts_load(index->store, &session->contracts, err);
    if (status) {
        return status;
    }
    session->is_over = false;
    session->is_anew = true;
    return read_on(index, session, err);
}

// ---- one application ----

// Notes whether the database is ahead by a history. Whoever reads from it says so.
static void note_next(struct index *index, const struct session *session) {
    pthread_mutex_lock(&index->lock);
    index->next = session->is_over ? session->point : (struct history_point){0};
    pthread_mutex_unlock(&index->lock);
}

// Reads the first changes, and takes hold of what they may concern.
static enum status begin(struct index *index, struct session *session, struct error *err) {
    index_point(index, &session->point);
    enum status status = read_on(index, session, err);
    if (status) {
        return status;
    }
    note_next(index, session);
    if (session->is_exact) {
        return STATUS_OK;
    }
    if (begin_refreshes(index, session->arena, &session->refreshes)) {
        return fail_no_memory(err);
    }
    return session->is_over ? load_anew(index, session, err) : STATUS_OK;
}

// Applies changes until there are none, or for a few rounds; then *ret_more is true. Also when the history
// changed meanwhile: then nothing was swapped in.
static enum status apply(struct index *index, bool *ret_more, struct error *err) {
    scoped(session_done) struct session session = {.arena = arena_new(0)};
    if (!session.arena) {
        return fail_no_memory(err);
    }
    enum status status = begin(index, &session, err);
    for (int round = 0; !status && !session.is_over && !session.is_exact && round < MAX_ROUNDS;
         round++) {
        status = apply_round(index, &session, err);
    }
    if (status) {
        return status;
    }
    if (!session.is_over && (session.is_anew || session.refreshes.items)) {
        swap_in(index, &session);
    }
    *ret_more = session.is_over || !session.is_exact;
    return STATUS_OK;
}

static enum status catch_up(struct index *index, struct error *err) {
    enum status status = STATUS_OK;
    bool more = true;
    while (more && !status) {
        more = false;
        status = apply(index, &more, err);
    }
    return status;
}

enum status feed_catch_up(struct index *index, struct error *err) {
    pthread_mutex_lock(&index->applying);
    enum status status = catch_up(index, err);
    pthread_mutex_unlock(&index->applying);
    return status;
}

// Read from where a standby may answer: what the caller reads comes from there, too.
enum status feed_follow_history(struct index *index, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct history_point here;
    struct changes changes;
    if (!arena) {
        return fail_no_memory(err);
    }
    index_point(index, &here);
    if (!here.epoch[0]) {
        return STATUS_OK;
    }
    enum status status = store_changes_load(index->reading, arena, here.serial, 1, &changes, err);
    if (status) {
        return status;
    }
    return strcmp(changes.point.epoch, here.epoch) == 0 ? STATUS_OK : catch_up(index, err);
}
