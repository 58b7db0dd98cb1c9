// SPDX-License-Identifier: MIT
// The public surface without the network: a handle's snapshot, looking groups up in it, and its state.
// The first look-up of a group reads and checks it; later ones are a search by name. What a look-up
// returned stays valid until the snapshot is replaced, so each result is made once and owned here.
#include "client/public/handle.h"
#include "client/public/handle_error.h"

#include "client/snapshot/snapshot_file.h"
#include "schema/base/cleanup.h"

#include <string.h>
#include <time.h>

// Copies words; those of the options need not outlive registry_open.
static bool copy_words(struct arena *arena, const char *const *words, size_t count,
                       const char *const **ret_words) {
    const char **copies = arena_array(arena, count ? count : 1, sizeof *copies);
    bool is_good = copies;
    for (size_t i = 0; is_good && i < count; i++) {
        copies[i] = arena_strdup(arena, words[i]);
        is_good = copies[i];
    }
    *ret_words = copies;
    return is_good;
}

// "NAME==VERSION", "name=value".
static bool add_pairs(struct arena *arena, const char *part, const struct registry_pair *pairs,
                      size_t count, struct query_parameter **at) {
    const char *sign = strcmp(part, "have") == 0 ? "==" : "=";
    for (size_t i = 0; i < count; i++) {
        const char *text = arena_printf(arena, "%s%s%s", pairs[i].name, sign, pairs[i].value);
        if (!text) {
            return false;
        }
        *(*at)++ = (struct query_parameter){part, text};
    }
    return true;
}

static bool add_tags(struct arena *arena, const struct registry_facts *facts,
                     struct query_parameter **at) {
    for (size_t i = 0; i < facts->tag_count; i++) {
        const char *text = arena_strdup(arena, facts->tags[i]);
        if (!text) {
            return false;
        }
        *(*at)++ = (struct query_parameter){"tag", text};
    }
    return true;
}

// A deep copy: the caller may free the options after registry_open.
static enum status copy_facts(struct arena *arena, const struct registry_options *options,
                              struct source_query *ret_facts, struct error *err) {
    const struct registry_facts *facts = &options->facts;
    size_t count = facts->have_count + facts->marker_count + facts->tag_count;
    struct query_parameter *parts = arena_array(arena, count ? count : 1, sizeof *parts);
    struct query_parameter *at = parts;
    struct source_query copy = {.group_count = options->group_count,
                                .python = arena_strdup(arena, facts->python),
                                .prereleases = facts->prereleases,
                                .facts = parts,
                                .fact_count = count};
    if (!parts || (facts->python && !copy.python) ||
        !copy_words(arena, options->groups, options->group_count, &copy.groups) ||
        !add_pairs(arena, "have", facts->have, facts->have_count, &at) ||
        !add_pairs(arena, "marker", facts->markers, facts->marker_count, &at) ||
        !add_tags(arena, facts, &at)) {
        return fail_no_memory(err);
    }
    *ret_facts = copy;
    return STATUS_OK;
}

// What earlier look-ups returned is freed here, so this runs only where the header says that results end.
static void forget_results(struct offline *offline) {
    size_t count = offline->results ? offline->file.snapshot.group_count + 2 : 0;
    for (size_t i = 0; i < count; i++) {
        registry_result_free(offline->results[i]);
    }
    free(offline->results);
    arena_free(offline->decisions_arena);
    offline->results = NULL;
    offline->decisions_arena = NULL;
}

void offline_done(struct registry *registry) {
    forget_results(&registry->offline);
    snapshot_file_close(&registry->offline.file);
}

// Answers from `file` from now on.
// All that can fail comes first. Only then is the old snapshot closed, so that a handle which runs
// out of memory goes on answering from it. `file` is emptied: its bytes belong to the handle now.
static enum status adopt(struct offline *offline, struct snapshot_file *file, struct error *err) {
    struct registry_result **results =
        calloc((size_t)file->snapshot.group_count + 2, sizeof(struct registry_result *));
    if (!results) {
        return fail_no_memory(err);
    }
    forget_results(offline);
    snapshot_file_close(&offline->file);
    offline->file = *file;
    offline->results = results;
    *file = (struct snapshot_file){0};
    return STATUS_OK;
}

static bool is_same(const struct snapshot *a, const struct snapshot *b) {
    return a->len == b->len && memcmp(a->bytes, b->bytes, SNAPSHOT_HEAD_BYTES) == 0;
}

// Opens the cached snapshot. The handle keeps the one it has when that cannot be used.
static enum status open_cached(struct offline *offline, bool *ret_changed, struct error *err) {
    scoped(snapshot_file_close) struct snapshot_file file = {0};
    *ret_changed = false;
    if (!offline->location.path) {
        return fail(err, offline->reason.status, NULL, "%s", offline->reason.message);
    }
    enum status status = snapshot_cache_open(&offline->selector, &offline->location, &file, err);
    if (status) {
        return status;
    }
    if (offline->file.bytes && is_same(&offline->file.snapshot, &file.snapshot)) {
        offline->file.confirmed_at_seconds = file.confirmed_at_seconds;
        return STATUS_OK;
    }
    status = adopt(offline, &file, err);
    if (status) {
        return status;
    }
    *ret_changed = true;
    return STATUS_OK;
}

enum status offline_selector(struct arena *arena, const struct registry *registry,
                             const struct source_query *query,
                             struct snapshot_selector *ret_selector, struct error *err) {
    struct source_query wanted = *query;
    wanted.groups = registry->facts.groups;
    wanted.group_count = registry->facts.group_count;
    *ret_selector = registry->offline.selector;
    ret_selector->query = snapshot_cache_query(arena, registry->connection.environment, &wanted);
    return ret_selector->query ? STATUS_OK : fail_no_memory(err);
}

// The option of the call wins over the environment variable. An empty text counts as none.
static const char *setting(const char *given, const char *variable) {
    const char *value = given ? given : getenv(variable);
    return value && *value ? value : NULL;
}

static enum status fill_selector(struct registry *registry, const struct registry_options *options,
                                 struct error *err) {
    struct snapshot_selector *selector = &registry->offline.selector;
    const char *path = setting(options->snapshot, "REGISTRYD_SNAPSHOT");
    *selector = (struct snapshot_selector){
        .url = registry->connection.url,
        .environment = registry->connection.environment,
        .cache_dir = arena_strdup(registry->arena, options->cache_dir),
        .path = arena_strdup(registry->arena, path),
        .is_any = path,
    };
    if ((options->cache_dir && !selector->cache_dir) || (path && !selector->path)) {
        return fail_no_memory(err);
    }
    enum status status = snapshot_cache_pin(options->snapshot_key, selector, err);
    if (status) {
        return status;
    }
    return offline_selector(registry->arena, registry, &registry->facts, selector, err);
}

static enum status find_and_open(struct registry *registry, struct error *err) {
    struct offline *offline = &registry->offline;
    bool changed;
    enum status status =
        snapshot_cache_find(registry->arena, &offline->selector, &offline->location, err);
    if (status) {
        return status;
    }
    return open_cached(offline, &changed, err);
}

enum status offline_init(struct registry *registry, const struct registry_options *options,
                         struct error *err) {
    static const struct registry_options none;
    struct offline *offline = &registry->offline;
    if (!options) {
        options = &none;
    }
    enum status status = copy_facts(registry->arena, options, &registry->facts, err);
    if (status) {
        return status;
    }
    status = fill_selector(registry, options, err);
    if (status) {
        return status;
    }
    // a handle without a snapshot is no failure: registry_state reports the reason
    status = find_and_open(registry, &offline->reason);
    return status == STATUS_NO_MEMORY ? fail_no_memory(err) : STATUS_OK;
}

// The records point into the bytes of the open file, which must outlive the result.
static enum status make_result(struct offline *offline, uint32_t first, uint32_t count,
                               struct registry_result **ret, struct error *err) {
    struct result_parts parts = {0};
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return fail_no_memory(err);
    }
    for (uint32_t i = first; i < first + count; i++) {
        struct snapshot_group group;
        enum status status = snapshot_file_group(&offline->file, i, &group, err);
        if (status) {
            return status;
        }
        status = snapshot_add_records(arena, &group, &parts.records, err);
        if (status) {
            return status;
        }
    }
    return result_new(take(arena), &parts, ret, err);
}

// Which of the results answers, and from which groups it is made.
// The slots of `results`, for a snapshot of N groups:
//
//     0 … N-1   one group, in the order of the snapshot
//     N         all groups
//     N+1       the empty answer: the query covers the group, and it has no records
//
// The last two are why the array has N + 2 members. A group outside of the query is NOT_FOUND,
// since the snapshot cannot say that it is empty.
static enum status find_slot(const struct offline *offline, const char *group, uint32_t *ret_slot,
                             uint32_t *ret_count, struct error *err) {
    const struct snapshot *snapshot = &offline->file.snapshot;
    *ret_slot = snapshot->group_count;
    *ret_count = snapshot->group_count;
    if (!group) {
        return STATUS_OK;
    }
    *ret_count = 1;
    if (!snapshot_read_index(snapshot, group, ret_slot, NULL)) {
        return STATUS_OK;
    }
    *ret_slot = snapshot->group_count + 1;
    *ret_count = 0;
    return query_string_has_group(snapshot->origin.query, group)
               ? STATUS_OK
               : fail(err, STATUS_NOT_FOUND, group, "The snapshot does not cover this group");
}

// A group's result is made once and kept with the handle; the second look-up is a search in an index.
static enum status look_up(struct registry *registry, const char *group,
                           const struct registry_result **ret, struct error *err) {
    uint32_t slot;
    uint32_t count;
    if (!registry || !registry->offline.file.bytes) {
        return fail(err, STATUS_NOT_FOUND, group, "No snapshot is open: %s",
                    registry ? registry->offline.reason.message : "no registry is open");
    }
    struct offline *offline = &registry->offline;
    enum status status = find_slot(offline, group, &slot, &count, err);
    if (status) {
        return status;
    }
    if (!offline->results[slot]) {
        uint32_t first = group && count ? slot : 0;
        status = make_result(offline, first, count, &offline->results[slot], err);
    }
    if (status) {
        return status;
    }
    *ret = offline->results[slot];
    return STATUS_OK;
}

int registry_find(struct registry *registry, const char *group, const struct registry_result **ret,
                  struct registry_error *err) {
    struct error fault = {0};
    return handle_error(err, look_up(registry, group, ret, &fault), &fault);
}

// ---- decisions ----

// All of the file, once: they are few, and asked for seldom.
static enum status read_decisions(struct offline *offline, struct error *err) {
    struct decisions decisions = {0};
    if (offline->decisions_arena) {
        return STATUS_OK;
    }
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return fail_no_memory(err);
    }
    enum status status = snapshot_file_decisions(arena, &offline->file, NULL, &decisions, err);
    if (status) {
        return status;
    }
    offline->decisions = show_decisions(arena, &decisions);
    offline->decision_count = decisions.count;
    if (!offline->decisions) {
        return fail_no_memory(err);
    }
    offline->decisions_arena = take(arena);
    return STATUS_OK;
}

static enum status find_decisions(struct registry *registry, const char *group,
                                  const struct registry_decision **ret, size_t *ret_count,
                                  struct error *err) {
    if (!registry || !registry->offline.file.bytes) {
        return fail(err, STATUS_NOT_FOUND, group, "There is no snapshot to look in: %s",
                    registry ? registry->offline.reason.message : "no registry is open");
    }
    const struct offline *offline = &registry->offline;
    enum status status = read_decisions(&registry->offline, err);
    if (status) {
        return status;
    }
    size_t first = 0;
    size_t count = offline->decision_count;
    if (group) { // sorted by group
        while (first < count && strcmp(offline->decisions[first].group, group) < 0) {
            first++;
        }
        size_t end = first;
        while (end < count && strcmp(offline->decisions[end].group, group) == 0) {
            end++;
        }
        count = end - first;
    }
    *ret = offline->decisions + first;
    *ret_count = count;
    return STATUS_OK;
}

int registry_decisions(struct registry *registry, const char *group,
                       const struct registry_decision **ret, size_t *ret_count,
                       struct registry_error *err) {
    struct error fault = {0};
    return handle_error(err, find_decisions(registry, group, ret, ret_count, &fault), &fault);
}

static enum status look_up_name(struct registry *registry, const char *group, const char *name,
                                const struct registry_record **ret,
                                const struct registry_decision **ret_alias, struct error *err) {
    const struct registry_result *result = NULL;
    const struct registry_decision *alias = NULL;
    enum status status = look_up(registry, group, &result, err);
    if (status) {
        return status;
    }
    const struct registry_record *record = handle_find(result, group, name, NULL);
    if (!record && registry->offline.file.snapshot.has_notes) {
        status = read_decisions(&registry->offline, err);
        if (status) {
            return status;
        }
        alias = handle_alias(registry->offline.decisions, registry->offline.decision_count, group,
                             name);
        record = alias ? handle_find(result, group, alias->successor, alias->package) : NULL;
    }
    if (!record) {
        return fail(err, STATUS_NOT_FOUND, group, "The snapshot has no entry point \"%s\"", name);
    }
    *ret = record;
    if (ret_alias) {
        *ret_alias = alias;
    }
    return STATUS_OK;
}

int registry_find_named(struct registry *registry, const char *group, const char *name,
                        const struct registry_record **ret,
                        const struct registry_decision **ret_alias, struct registry_error *err) {
    struct error fault = {0};
    return handle_error(err, look_up_name(registry, group, name, ret, ret_alias, &fault), &fault);
}

enum status offline_reopen(struct registry *registry, bool *ret_changed, struct error *err) {
    return open_cached(&registry->offline, ret_changed, err);
}

void registry_state(const struct registry *registry, struct registry_state *ret_state) {
    const struct offline *offline = &registry->offline;
    const struct snapshot_origin *origin = &offline->file.snapshot.origin;
    struct registry_state state = {.has_snapshot = offline->file.bytes,
                                   .path = offline->location.path};
    if (state.has_snapshot) {
        // Both times are of the wall clock, which may have been set back since: no age is negative.
        long long age = (long long)time(NULL) - offline->file.confirmed_at_seconds;
        state.epoch = origin->epoch;
        state.epoch_number = origin->epoch_number;
        state.serial = origin->serial;
        state.made_at = origin->made_at_seconds;
        state.confirmed_at = offline->file.confirmed_at_seconds;
        state.age_seconds = age > 0 ? age : 0;
        state.environment = origin->environment;
        state.query = origin->query;
        state.group_count = offline->file.snapshot.group_count;
        state.is_signed = offline->selector.is_pinned;
        state.max_age_seconds = origin->max_age_seconds;
        state.is_too_old = snapshot_file_is_too_old(&offline->file, offline->selector.is_any);
        state.has_decisions = offline->file.snapshot.has_decisions;
        state.decision_count = snapshot_file_decision_count(&offline->file);
        state.is_listed_only = origin->is_listed_only;
        state.settings_left_out = origin->settings_left_out;
    } else {
        state.reason = offline->reason.message;
    }
    *ret_state = state;
}
