// SPDX-License-Identifier: MIT
// A rollback exchanges the directory with sets/3 and then gives the folder the number of the set that is in it now.
// Between the two steps sets/3 holds set 5. Every reader therefore asks the marker, and the next run repeats the second
// step, so that sets/3 is free when set 3 is replaced. Removing takes many steps and cannot be made one; renaming to "trash" first is one step.
#include "client/sync/sync_sets.h"

#include "client/fs/rooted_dir.h"
#include "client/sync/sync_tree.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

// A line for each package, path and requirement: some thousand plugins with hundreds of requirements each.
enum { MARKER_BYTES_MAX = 64 * 1024 * 1024 };

enum status sync_marker_load(struct arena *arena, const char *folder, json_t **ret_marker,
                             struct error *err) {
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, MARKER_BYTES_MAX);
    *ret_marker = NULL;
    enum status status = rooted_dir_open(arena, folder, &dir, err);
    if (status) {
        return status;
    }
    status = rooted_dir_load(&dir, SYNC_MARKER, &bytes, err);
    if (status == STATUS_NOT_FOUND) {
        return STATUS_OK;
    }
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *marker =
        json_loadb(bytes.ptr ? bytes.ptr : "", bytes.len, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(marker)) {
        return fail(err, STATUS_MALFORMED, folder,
                    "The file %s is damaged, so it is unknown what sync put here. Move the "
                    "directory away, and sync again",
                    SYNC_MARKER);
    }
    *ret_marker = take(marker);
    return STATUS_OK;
}

int64_t sync_marker_number(const json_t *marker) {
    return json_integer_value(json_object_get(marker, "set"));
}

static int compare_sets(const void *left, const void *right) {
    const struct sync_set *a = left;
    const struct sync_set *b = right;
    return (a->number > b->number) - (a->number < b->number);
}

static enum status add_set(struct arena *arena, const char *sets, const char *name,
                           struct sync_sets *list, struct error *err) {
    scoped(cleanup_json) json_t *marker = NULL;
    const char *path = arena_printf(arena, "%s/%s", sets, name);
    if (!path) {
        return fail_no_memory(err);
    }
    enum status status = sync_marker_load(arena, path, &marker, NULL);
    int64_t number = sync_marker_number(marker);
    if (!status && number > 0) {
        list->items[list->count++] = (struct sync_set){number, path};
    }
    return status == STATUS_NO_MEMORY ? fail_no_memory(err) : STATUS_OK;
}

enum status sync_sets_list(struct arena *arena, const char *sets, struct sync_sets *ret_sets,
                           struct error *err) {
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    struct rooted_dir_entries entries = {0};
    enum status status = rooted_dir_open(arena, sets, &dir, err);
    if (status) {
        return status;
    }
    status = rooted_dir_entries(arena, &dir, &entries, err);
    if (status) {
        return status;
    }
    struct sync_sets list = {arena_array(arena, entries.count + 1, sizeof *list.items), 0};
    if (!list.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < entries.count; i++) {
        status = add_set(arena, sets, entries.items[i].name, &list, err);
        if (status) {
            return status;
        }
    }
    qsort(list.items, list.count, sizeof *list.items, compare_sets);
    *ret_sets = list;
    return STATUS_OK;
}

enum status sync_sets_rename(struct arena *arena, const char *sets, struct error *err) {
    struct sync_sets list;
    enum status status = sync_sets_list(arena, sets, &list, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < list.count; i++) {
        const struct sync_set *set = &list.items[i];
        const char *wanted = arena_printf(arena, "%s/%lld", sets, (long long)set->number);
        if (!wanted) {
            return fail_no_memory(err);
        }
        if (strcmp(set->path, wanted) != 0) {
            (void)rename(set->path, wanted);
        }
    }
    return STATUS_OK;
}

enum status sync_empty_trash(struct arena *arena, const char *state, struct error *err) {
    const char *trash = arena_printf(arena, "%s/trash", state);
    return trash ? tree_remove(arena, trash, err) : fail_no_memory(err);
}

enum status sync_discard(struct arena *arena, const char *state, const char *path,
                         struct error *err) {
    struct stat st;
    if (lstat(path, &st)) {
        return STATUS_OK; // it is not there
    }
    enum status status = sync_empty_trash(arena, state, err);
    if (status) {
        return status;
    }
    const char *trash = arena_printf(arena, "%s/trash", state);
    if (!trash) {
        return fail_no_memory(err);
    }
    if (rename(path, trash)) {
        return fail(err, STATUS_IO, path, "The set cannot be removed: %s", strerror(errno));
    }
    return tree_remove(arena, trash, err);
}
