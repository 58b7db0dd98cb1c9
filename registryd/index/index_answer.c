// SPDX-License-Identifier: MIT
// Answering a question. The usual case is a look-up of the canonical question in the cache under the
// lock, and a reference. Else the groups are selected from, and a form writes what was selected.
#include "registryd/index/index.h"

#include "registryd/candidates/query_key.h"
#include "registryd/index/feed.h"
#include "registryd/index/group_load.h"
#include "registryd/index/making.h"
#include "registryd/index/required.h"
#include "registryd/tables/required_table.h"
#include "registryd/tables/selected_paths.h"
#include "registryd/resolver/frozen.h"
#include "registryd/forms/resolution_json.h"
#include "registryd/resolver/selection_make.h"
#include "schema/base/cleanup.h"
#include "schema/base/clock.h"
#include "schema/base/limits.h"

#include <string.h>

static void cleanup_buffer(struct buffer *buffer) {
    buffer_done(buffer);
}

// The kept answer, unless a release has come of age since.
static const struct answer *find_answer(struct index *index, struct text key) {
    pthread_mutex_lock(&index->lock);
    const struct answer *answer = answer_cache_find(index->cache, key.ptr, key.len);
    pthread_mutex_unlock(&index->lock);
    if (answer && answer->expires_ms && answer->expires_ms <= unix_ms()) {
        answer_unref(answer);
        return NULL;
    }
    return answer;
}

// What an answer is made from, and where it then hangs.
struct sources {
    struct history_point point; // taken before the rest: it is of this state or a later one
    uint64_t histories;         // of the index, taken with the point
    struct known_environment *environment;
    const struct environment
        *rules; // instead of the environment's and its lock, for a lock that is made
    struct ignored_quarantines ignored;
    struct contracts *contracts;
    struct group_table **tables; // one a group; referenced
    size_t count;                // of tables that are held
    struct group_table *further; // required packages of other groups; NULL = none is known
    bool looked_further;         // the answer depends on them
    struct answer_links **links; // where the answer hangs
};

static void sources_done(struct sources *sources) {
    for (size_t i = 0; i < sources->count; i++) {
        group_table_unref(sources->tables[i]);
    }
    group_table_unref(sources->further);
    known_environment_unref(sources->environment);
    contracts_unref(sources->contracts);
}

// Environment and contracts as they are in memory.
static void find_settings(struct index *index, const char *name, struct sources *sources) {
    struct answer_links *links;
    pthread_mutex_lock(&index->lock);
    if (!sources->environment) {
        sources->environment = environments_find(index->environments, name, &links);
    }
    if (!sources->contracts && index->contracts) {
        sources->contracts = contracts_ref(index->contracts);
    }
    pthread_mutex_unlock(&index->lock);
}

static uint64_t count_histories(struct index *index) {
    pthread_mutex_lock(&index->lock);
    uint64_t count = index->histories;
    pthread_mutex_unlock(&index->lock);
    return count;
}

// No answer is of two histories.
static enum status refuse_mixed(struct index *index, const struct sources *sources,
                                struct error *err) {
    return count_histories(index) == sources->histories
               ? STATUS_OK
               : fail(err, STATUS_UNAVAILABLE, NULL,
                      "The registry got another history while it was read. Try again");
}

static void keep_settings(struct index *index, const struct sources *sources) {
    pthread_mutex_lock(&index->lock);
    environments_add(index->environments, sources->environment);
    if (index->contracts != sources->contracts) {
        contracts_unref(index->contracts);
        index->contracts = contracts_ref(sources->contracts);
    }
    pthread_mutex_unlock(&index->lock);
}

// While nothing is applied: a change that comes after this is applied after this.
static enum status load_settings(struct index *index, const char *name, struct sources *sources,
                                 struct error *err) {
    enum status status = STATUS_OK;
    find_settings(index, name, sources);
    if (!sources->environment) {
        status = environment_name_check(text_from(name), NULL)
                     ? STATUS_NOT_FOUND
                     : known_environment_load(index->reading, name, &sources->environment, err);
    }
    if (status == STATUS_NOT_FOUND) {
        return fail(err, STATUS_NOT_FOUND, "?environment", "There is no environment \"%s\"", name);
    }
    if (!status && !sources->contracts) {
        status = contracts_load(index->reading, &sources->contracts, err);
    }
    if (status) {
        return status;
    }
    // What was read may be of a history that the index does not have yet.
    status = feed_follow_history(index, err);
    if (status) {
        return status;
    }
    if (count_histories(index) == sources->histories) {
        keep_settings(index, sources);
    }
    return STATUS_OK;
}

static enum status refuse_archived(const struct known_environment *environment, struct error *err) {
    const char *name = environment->environment.name;
    const char *reason = environment->archived_reason;
    return fail(
        err, STATUS_GONE, "?environment",
        "The environment \"%s\" is archived%s%s. Name another environment, or restore it with "
        "\"registryctl environment restore %s\".",
        name, reason ? ": " : "", reason ? reason : "", name);
}

// The point, and after it environment and contracts: from memory, or loaded.
static enum status load_facts(struct index *index, const struct resolve_query *query,
                              struct sources *sources, struct error *err) {
    const char *environment = query->environment ? query->environment : ENVIRONMENT_DEFAULT;
    pthread_mutex_lock(&index->lock);
    sources->point = index->point;
    sources->histories = index->histories;
    pthread_mutex_unlock(&index->lock);
    find_settings(index, environment, sources);
    enum status status = STATUS_OK;
    if (!sources->environment || !sources->contracts) {
        pthread_mutex_lock(&index->applying);
        status = load_settings(index, environment, sources, err);
        pthread_mutex_unlock(&index->applying);
    }
    if (status) {
        return status;
    }
    return sources->environment->is_archived ? refuse_archived(sources->environment, err)
                                             : STATUS_OK;
}

// No group asked for means all packages: they are in a table of their own, under the empty name.
static enum status sources_load(struct sources *sources, struct index *index, struct arena *arena,
                                const struct resolve_query *query, struct error *err) {
    static const char *const all = "";
    const char *const *groups = query->group_count ? query->groups : &all;
    size_t count = query->group_count ? query->group_count : 1;
    sources->tables = arena_array(arena, count, sizeof(struct group_table *));
    sources->links = arena_array(arena, count + 2, sizeof(struct answer_links *));
    if (!sources->tables || !sources->links) {
        return fail_no_memory(err);
    }
    enum status status = load_facts(index, query, sources, err);
    if (status) {
        return status;
    }
    status = group_load(index, groups, count, sources->tables, err);
    sources->count = status ? 0 : count;
    return status;
}

// Under the lock: finds the lists of environment and groups; false when one of them has changed since.
static bool find_links(struct index *index, const struct sources *sources) {
    scoped(cleanup_known_environment) struct known_environment *environment =
        environments_find(index->environments, sources->environment->environment.name,
                          &sources->links[sources->count]);
    if (environment != sources->environment || index->contracts != sources->contracts) {
        return false;
    }
    for (size_t i = 0; i < sources->count; i++) {
        struct group *group = group_map_find(index->groups, sources->tables[i]->group);
        if (!group || group->table != sources->tables[i]) {
            return false;
        }
        sources->links[i] = &group->answers;
    }
    if (!sources->looked_further) {
        return true;
    }
    struct group *required = group_map_find(index->groups, REQUIRED_GROUP);
    sources->links[sources->count + 1] = required ? &required->answers : NULL;
    return required && required->table == sources->further;
}

// Keeps an answer if what it was made from is still what there is.
static void keep_answer(struct index *index, struct text key, const struct answer *answer,
                        const struct sources *sources) {
    pthread_mutex_lock(&index->lock);
    if (strcmp(index->point.epoch, answer->point.epoch) == 0 && find_links(index, sources)) {
        struct answer_cache_item item = {key.ptr, key.len, answer, sources->links,
                                         sources->count + 1 + sources->looked_further};
        answer_cache_add(index->cache, &item);
    }
    pthread_mutex_unlock(&index->lock);
}

// Makes the selection of what is loaded.
static enum status select_once(const struct resolve_query *query, struct arena *arena,
                               const struct sources *sources, struct selection *ret_selection,
                               struct error *err) {
    const struct environment *rules = sources->rules;
    struct selection_sources from = {
        .query = query,
        .tables = sources->tables,
        .table_count = sources->count,
        .further = sources->further,
        .environment = rules ? rules : &sources->environment->environment,
        .lock = rules || query->is_thawed ? NULL : sources->environment->lock,
        .marks = &sources->environment->marks,
        .ignored = sources->ignored,
        .contracts = sources->contracts,
        .now_ms = unix_ms(),
    };
    enum status status = selection_make(arena, &from, ret_selection, err);
    if (status) {
        return status;
    }
    ret_selection->point = sources->point;
    return STATUS_OK;
}

// Selects, and again as long as packages of other groups are required that were not looked up yet: once for each
// link of the longest chain that was never asked for before. What is behind the last round counts as unknown.
static enum status select_from(struct index *index, const struct resolve_query *query,
                               struct arena *arena, struct sources *sources,
                               struct selection *ret_selection, struct error *err) {
    enum { ROUNDS_MAX = 32 };
    struct selection selection;
    sources->further = required_find(index);
    enum status status = select_once(query, arena, sources, &selection, err);
    for (int round = 0; !status && selection.unloaded.count && round < ROUNDS_MAX; round++) {
        group_table_unref(take(sources->further));
        status = required_load(index, &selection.unloaded, &sources->further, err);
        if (status) {
            return status;
        }
        status = select_once(query, arena, sources, &selection, err);
    }
    if (status) {
        return status;
    }
    status = selected_paths_warn(index->reading, arena, &selection, err);
    if (status) {
        return status;
    }
    sources->looked_further = selection.looked_further;
    *ret_selection = selection;
    return refuse_mixed(index, sources, err);
}

// Loads what the question needs, and selects.
static enum status select_all(struct index *index, const struct resolve_query *query,
                              struct arena *arena, struct sources *sources,
                              struct selection *ret_selection, struct error *err) {
    enum status status = sources_load(sources, index, arena, query, err);
    return status ? status : select_from(index, query, arena, sources, ret_selection, err);
}

static enum status write_answer(const struct resolve_query *query, const struct answer_form *form,
                                const struct selection *selection, struct answer **ret_answer,
                                struct error *err) {
    struct answer_draft draft = {0};
    buffer_init(&draft.body, LIMIT_ANSWER_BYTES);
    enum status status = form->encode(query, selection, &draft, err);
    scoped(cleanup_buffer) struct buffer body = draft.body;
    if (!status && body.failed == STATUS_TOO_LARGE) {
        return fail(
            err, STATUS_TOO_LARGE, NULL,
            "The answer is over %d bytes; ask for fewer groups at once, or in pages by limit",
            LIMIT_ANSWER_BYTES);
    }
    if (status) {
        return status;
    }
    struct answer *answer = body.failed ? NULL : answer_new(body.ptr, body.len, &selection->point);
    if (!answer) {
        return fail_no_memory(err);
    }
    if (draft.etag[0]) {
        memcpy(answer->etag, draft.etag, sizeof answer->etag);
    }
    answer->expires_ms = selection->expires_ms;
    answer->is_passing = draft.is_passing || selection->is_passing;
    *ret_answer = answer;
    return STATUS_OK;
}

static size_t count_packages(const struct sources *sources) {
    size_t count = 0;
    for (size_t i = 0; i < sources->count; i++) {
        count += sources->tables[i]->count;
    }
    return count;
}

// The place among the large makings is given back last, when their memory is free again.
static enum status make_once(struct index *index, const struct resolve_query *query,
                             const struct answer_form *form, struct text key,
                             struct answer **ret_answer, struct error *err) {
    scoped(making_place_end) struct making_place place = {index, false};
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return fail_no_memory(err);
    }
    scoped(sources_done) struct sources sources = {0};
    struct selection selection;
    enum status status = sources_load(&sources, index, arena, query, err);
    if (status) {
        return status;
    }
    status = making_place_begin(&place, count_packages(&sources), err);
    if (status) {
        return status;
    }
    status = select_from(index, query, arena, &sources, &selection, err);
    if (status) {
        return status;
    }
    status = write_answer(query, form, &selection, ret_answer, err);
    if (status) {
        return status;
    }
    if (!(*ret_answer)->is_passing && !query->secrets) {
        keep_answer(index, key, *ret_answer, &sources);
    }
    return STATUS_OK;
}

// Once more when another history took over meanwhile.
static enum status make_answer(struct index *index, const struct resolve_query *query,
                               const struct answer_form *form, struct text key,
                               struct answer **ret_answer, struct error *err) {
    uint64_t before = count_histories(index);
    enum status status = make_once(index, query, form, key, ret_answer, err);
    return status == STATUS_UNAVAILABLE && count_histories(index) != before
               ? make_once(index, query, form, key, ret_answer, err)
               : status;
}

// What a maker does: makes the answer, and hands it (or its failure) to everybody who waits for it.
static enum status make_for_all(struct index *index, const struct resolve_query *query,
                                const struct answer_form *form, struct making *making,
                                const struct answer **ret_answer, struct error *err) {
    struct error why = {0};
    struct answer *answer = NULL;
    const struct text key = {making->key, making->key_len};
    // Another maker may have ended between our look among the kept answers and our turn.
    const struct answer *kept = find_answer(index, key);
    if (kept) {
        making_end(index, making, STATUS_OK, NULL, kept);
        *ret_answer = kept;
        return STATUS_OK;
    }
    enum status status = make_answer(index, query, form, key, &answer, &why);
    making_end(index, making, status, &why, answer);
    if (status) {
        return fail(err, status, why.where, "%s", why.message);
    }
    *ret_answer = answer;
    return STATUS_OK;
}

// The point is taken after the first look among the kept answers, which is all that most questions need.
static enum status find_or_make(struct index *index, const struct resolve_query *query,
                                const struct answer_form *form, struct text key,
                                const struct answer **ret_answer, struct error *err) {
    struct asked asked = {.key = key.ptr, .key_len = key.len};
    const struct answer *answer = find_answer(index, key);
    if (!answer) {
        index_point(index, &asked.known);
    }
    while (!answer) {
        struct making *making = NULL;
        enum status status = making_begin(index, &asked, &making, &answer, err);
        if (status) {
            return status;
        }
        if (making) {
            return make_for_all(index, query, form, making, ret_answer, err);
        }
        if (!answer) { // the answer that was waited for is of an older state; a newer one may be kept
            answer = find_answer(index, key);
        }
    }
    *ret_answer = answer;
    return STATUS_OK;
}

// For one reader alone: it is neither found nor kept.
static enum status make_unshared(struct index *index, const struct resolve_query *query,
                                 const struct answer_form *form, const struct answer **ret_answer,
                                 struct error *err) {
    struct answer *answer = NULL;
    const struct text no_key = {0};
    enum status status = make_answer(index, query, form, no_key, &answer, err);
    if (!status) {
        *ret_answer = answer;
    }
    return status;
}

enum status index_answer(struct index *index, const struct resolve_query *query,
                         const struct answer_form *form, const struct answer **ret_answer,
                         struct error *err) {
    scoped(cleanup_buffer) struct buffer key;
    buffer_init(&key, QUERY_KEY_BYTES_MAX);
    query_key_write(query, form->name, &key);
    if (key.failed == STATUS_TOO_LARGE) {
        return fail(err, STATUS_TOO_LARGE, NULL, "The query is over %d bytes", QUERY_KEY_BYTES_MAX);
    }
    if (key.failed) {
        return fail_no_memory(err);
    }
    const struct text text = {key.ptr, key.len};
    return query->secrets ? make_unshared(index, query, form, ret_answer, err)
                          : find_or_make(index, query, form, text, ret_answer, err);
}

enum status index_resolve(struct index *index, const struct resolve_query *query,
                          const struct answer **ret_answer, struct error *err) {
    return index_answer(index, query, &resolution_form, ret_answer, err);
}

// For callers that work on with the selection: it is copied into the arena, because the tables that it points
// into are given back here.
enum status index_select(struct index *index, const struct resolve_query *query,
                         struct arena *arena, struct selection *ret_selection, struct error *err) {
    scoped(sources_done) struct sources sources = {0};
    struct selection selection;
    enum status status = select_all(index, query, arena, &sources, &selection, err);
    if (!status && !selection_own(arena, &selection)) {
        return fail_no_memory(err);
    }
    if (!status) {
        *ret_selection = selection;
    }
    return status;
}

enum status index_select_by(struct index *index, const struct environment *rules,
                            const struct ignored_quarantines *ignored, struct arena *arena,
                            struct selection *ret_selection, struct error *err) {
    const struct resolve_query query = {.environment = rules->name, .decides = true};
    scoped(sources_done) struct sources sources = {.rules = rules, .ignored = *ignored};
    struct selection selection;
    enum status status = select_all(index, &query, arena, &sources, &selection, err);
    if (!status && !selection_own(arena, &selection)) {
        return fail_no_memory(err);
    }
    if (!status) {
        *ret_selection = selection;
    }
    return status;
}

enum status index_check_lock(struct index *index, const struct lock_check *check,
                             struct arena *arena, struct findings *findings, struct error *err) {
    const struct resolve_query query = {.environment = check->rules->name};
    scoped(sources_done) struct sources sources = {0};
    struct facts *facts = arena_alloc(arena, sizeof *facts);
    if (!facts) {
        return fail_no_memory(err);
    }
    enum status status = sources_load(&sources, index, arena, &query, err);
    if (status) {
        return status;
    }
    status = facts_init(facts, arena, &query, check->rules, unix_ms(), err);
    if (status) {
        return status;
    }
    frozen_check_lock(facts, check->lock, sources.tables[0], findings);
    return facts->no_memory ? fail_no_memory(err) : refuse_mixed(index, &sources, err);
}

// A table of all groups that holds one package as the store has it now, or nothing.
static enum status load_package_table(struct index *index, struct arena *arena, const char *name,
                                      struct sources *sources, struct error *err) {
    scoped(cleanup_package) struct package *package = NULL;
    struct candidate_query query = {.group = "", .package = name};
    struct candidates found = {0};
    enum status status = store_candidates_load(index->reading, arena, &query, &found, err);
    if (status) {
        return status;
    }
    if (sources->point.epoch[0] && strcmp(found.point.epoch, sources->point.epoch) != 0) {
        return fail(err, STATUS_UNAVAILABLE, NULL,
                    "The registry gets another history at this moment. Try again");
    }
    if (found.count) {
        status = package_new(&found.packages[0], &package, err);
        if (status) {
            return status;
        }
    }
    struct group_table *table =
        group_table_build("", found.point.serial, &package, package ? 1 : 0);
    if (!table) {
        return fail_no_memory(err);
    }
    sources->tables[0] = table;
    return STATUS_OK;
}

enum status index_select_package(struct index *index, const struct resolve_query *query,
                                 const char *package, struct arena *arena,
                                 struct selection *ret_selection, struct error *err) {
    scoped(sources_done) struct sources sources = {0};
    struct selection selection;
    sources.tables = arena_array(arena, 1, sizeof(struct group_table *));
    if (!sources.tables) {
        return fail_no_memory(err);
    }
    enum status status = load_facts(index, query, &sources, err);
    if (status) {
        return status;
    }
    status = load_package_table(index, arena, package, &sources, err);
    if (status) {
        return status;
    }
    sources.count = 1;
    status = select_from(index, query, arena, &sources, &selection, err);
    if (status) {
        return status;
    }
    if (!selection_own(arena, &selection)) {
        return fail_no_memory(err);
    }
    *ret_selection = selection;
    return STATUS_OK;
}
