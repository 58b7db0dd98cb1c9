// SPDX-License-Identifier: MIT
// All groups of the registry (group_names.h). The point is taken before the names are read, so they are
// of that state or a later one, and a group that comes afterwards moves the point.
#include "registryd/index/group_names.h"

#include "registryd/index/index.h"
#include "registryd/index/index_state.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/digest.h"

#include <string.h>

CLEANUP_DEFINE(struct arena *, cleanup_arena, arena_free)

void group_names_free(struct group_names *names) {
    if (names) {
        arena_free(names->arena);
    }
}

// Under the lock: copies what is kept into the query, if it is of this point.
static enum status copy_kept(const struct index *index, const struct history_point *point,
                             struct arena *arena, struct resolve_query *query, bool *ret_found) {
    const struct group_names *names = index->names;
    *ret_found = names && names->point.serial == point->serial &&
                 strcmp(names->point.epoch, point->epoch) == 0;
    if (!*ret_found) {
        return STATUS_OK;
    }
    const char **copies = arena_array(arena, names->count + 1, sizeof *copies);
    const char *set = arena_strdup(arena, names->set);
    bool is_good = copies && set;
    for (size_t i = 0; i < names->count && is_good; i++) {
        copies[i] = arena_strdup(arena, names->items[i]);
        is_good = copies[i];
    }
    query->groups = copies;
    query->group_count = names->count;
    query->group_set = set;
    return is_good ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status write_set(struct group_names *names, struct error *err) {
    uint8_t digest[DIGEST_SIZE];
    scoped(buffer_done) struct buffer text;
    buffer_init(&text, LIMIT_ANSWER_BYTES);
    buffer_add(&text, "", 1);
    for (size_t i = 0; i < names->count; i++) {
        buffer_add(&text, names->items[i], strlen(names->items[i]) + 1);
    }
    if (text.failed) {
        return fail_no_memory(err);
    }
    digest_sha256(text.ptr, text.len, digest);
    digest_hex(digest, names->set);
    return STATUS_OK;
}

static enum status load(struct index *index, const struct history_point *point,
                        struct group_names **ret_names, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct group_names *names = arena ? arena_alloc(arena, sizeof *names) : NULL;
    if (!names) {
        return fail_no_memory(err);
    }
    enum status status =
        store_group_names_load(index->store, arena, &names->items, &names->count, err);
    if (!status) {
        status = write_set(names, err);
    }
    if (!status) {
        names->point = *point;
        names->arena = take(arena);
        *ret_names = names;
    }
    return status;
}

enum status index_ask_all_groups(struct index *index, struct arena *arena,
                                 struct resolve_query *query, struct error *err) {
    struct history_point point;
    struct group_names *names = NULL;
    bool is_found = false;
    index_point(index, &point);
    pthread_mutex_lock(&index->lock);
    enum status status = copy_kept(index, &point, arena, query, &is_found);
    pthread_mutex_unlock(&index->lock);
    if (!status && is_found) {
        return STATUS_OK;
    }
    status = status ? fail_no_memory(err) : load(index, &point, &names, err);
    if (status) {
        return status;
    }
    pthread_mutex_lock(&index->lock);
    struct group_names *old = index->names;
    index->names = names;
    status = copy_kept(index, &point, arena, query, &is_found);
    pthread_mutex_unlock(&index->lock);
    group_names_free(old);
    return status ? fail_no_memory(err) : STATUS_OK;
}
