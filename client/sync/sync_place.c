// SPDX-License-Identifier: MIT
// Order on disk: everything of a new set is written and synced before the exchange, and the exchange is one
// renameat2(RENAME_EXCHANGE). What is found at the start says how far an earlier run came: "build" and "trash" are
// removed; "next" is a set that was replaced when its number is below the current one, else a set that never came to be
// exchanged. Only one run works at a time, by a lock that the system releases when the process dies.
#include "client/sync/sync_place.h"

#include "client/fs/rooted_dir.h"
#include "client/sync/sync_sets.h"
#include "client/sync/sync_tree.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status fail_errno(const char *path, const char *what, struct error *err) {
    enum status status = errno == ENOSPC || errno == EDQUOT ? STATUS_DISK_FULL : STATUS_IO;
    return fail(err, status, path, "%s: %s", what, strerror(errno));
}

static const char *below(struct arena *arena, const struct sync_place *place, const char *name) {
    return arena_printf(arena, "%s/%s", place->state, name);
}

int64_t sync_place_number(const struct sync_place *place) {
    return sync_marker_number(place->marker);
}

// ---- opening ----

// Whether sync itself put the entry there. "paths" holds the names at the top of the set: "crm".
// Adopted entries are foreign here; the marker names them apart, under "adopted".
static bool is_owned(const json_t *marker, const char *name) {
    const json_t *packages = json_object_get(marker, "packages");
    if (strcmp(name, SYNC_MARKER) == 0) {
        return true;
    }
    for (size_t i = 0; i < json_array_size(packages); i++) {
        const json_t *paths = json_object_get(json_array_get(packages, i), "paths");
        for (size_t j = 0; j < json_array_size(paths); j++) {
            const char *path = json_string_value(json_array_get(paths, j));
            if (path && strcmp(path, name) == 0) {
                return true;
            }
        }
    }
    return false;
}

static enum status find_foreign(struct arena *arena, struct sync_place *place, struct error *err) {
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    struct rooted_dir_entries entries = {0};
    enum status status = rooted_dir_open(arena, place->into, &dir, err);
    if (status) {
        return status;
    }
    status = rooted_dir_entries(arena, &dir, &entries, err);
    if (status) {
        return status;
    }
    place->foreign = arena_array(arena, entries.count + 1, sizeof *place->foreign);
    if (!place->foreign) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < entries.count; i++) {
        // Python writes its caches beside the code that it imports.
        bool is_cache = strcmp(entries.items[i].name, "__pycache__") == 0;
        if (!is_cache && !is_owned(place->marker, entries.items[i].name)) {
            place->foreign[place->foreign_count++] = entries.items[i].name;
        }
    }
    return STATUS_OK;
}

// Puts the directory in "next" where it belongs. Its number says what it is:
//
//     below the current one    it was replaced: it becomes sets/NUMBER
//     above the current one    it was never exchanged: it is removed
//     none                     sync did not make it: it becomes "before"
//
// The next run does this after a crash, and sync_place_commit itself right after its exchange.
static enum status file_next(struct arena *arena, const struct sync_place *place,
                             struct error *err) {
    const char *next = below(arena, place, "next");
    struct stat st;
    scoped(cleanup_json) json_t *marker = NULL;
    if (!next) {
        return fail_no_memory(err);
    }
    if (lstat(next, &st)) {
        return STATUS_OK;
    }
    enum status status = sync_marker_load(arena, next, &marker, err);
    if (status) {
        return status;
    }
    // Only the first directory of a stranger is kept. When "before" is there already, a later one
    // is removed: all that it held was adopted, so the current set has a copy.
    int64_t number = sync_marker_number(marker);
    const char *kept = number ? arena_printf(arena, "%s/sets/%lld", place->state, (long long)number)
                              : below(arena, place, "before");
    if (!kept) {
        return fail_no_memory(err);
    }
    if (rmdir(next) == 0) {
        return STATUS_OK; // it was empty
    }
    bool was_replaced = number < sync_place_number(place);
    return was_replaced && rename(next, kept) == 0 ? STATUS_OK
                                                   : sync_discard(arena, place->state, next, err);
}

// What a run that died left behind.
static enum status recover(struct arena *arena, const struct sync_place *place, struct error *err) {
    enum status status = sync_empty_trash(arena, place->state, err);
    if (status) {
        return status;
    }
    status = sync_sets_rename(arena, place->sets, err);
    return status ? status : file_next(arena, place, err);
}

static enum status make_folder(const char *path, struct error *err) {
    return mkdir(path, 0755) && errno != EEXIST ? fail_errno(path, "The folder cannot be made", err)
                                                : STATUS_OK;
}

// Whether the descriptor is of the file that has the name now: a run that left nothing behind removed its own.
static bool is_current(int fd, const char *path) {
    struct stat locked;
    struct stat named;
    return fstat(fd, &locked) == 0 && lstat(path, &named) == 0 && locked.st_dev == named.st_dev &&
           locked.st_ino == named.st_ino;
}

// The system drops the lock with the process, so a killed run leaves none behind. A second run is refused and does
// not wait.
static enum status lock(struct sync_place *place, struct error *err) {
    enum status status = make_folder(place->state, err);
    if (status) {
        return status;
    }
    status = make_folder(place->sets, err);
    if (status) {
        return status;
    }
    scoped(cleanup_fd) int fd = open(place->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) {
        return fail_errno(place->lock, "The lock cannot be opened", err);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) || !is_current(fd, place->lock)) {
        return fail(err, STATUS_CONFLICT, place->lock, "Another sync is at work in this directory");
    }
    place->lock_fd = fd;
    fd = -1;
    return STATUS_OK;
}

// lstat and not stat: the exchange would replace a link itself and leave its target as it was.
static enum status check_directory(struct sync_place *place, struct error *err) {
    const char *into = place->into;
    struct stat st;
    if (lstat(into, &st)) {
        place->is_made = errno == ENOENT;
        return place->is_made ? make_folder(into, err)
                              : fail_errno(into, "The directory cannot be read", err);
    }
    if (S_ISLNK(st.st_mode)) {
        return fail(err, STATUS_USAGE, into,
                    "This is a link. Name the directory itself, which sync replaces");
    }
    return S_ISDIR(st.st_mode) ? STATUS_OK
                               : fail(err, STATUS_USAGE, into, "This is not a directory");
}

// "/srv/app/plugins/" gives `into` "/srv/app/plugins" and `state` "/srv/app/.plugins.sync". The two
// are neighbours because directories can be exchanged only within one file system.
static enum status name_parts(struct arena *arena, const char *into, struct sync_place *place,
                              struct error *err) {
    size_t len = strlen(into);
    while (len > 1 && into[len - 1] == '/') {
        len--;
    }
    place->into = arena_copy(arena, into, len);
    const char *slash = place->into ? strrchr(place->into, '/') : NULL;
    const char *name = slash ? slash + 1 : place->into;
    if (!place->into) {
        return fail_no_memory(err);
    }
    if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return fail(err, STATUS_USAGE, into, "Name the directory, for example \"plugins\"");
    }
    place->state =
        arena_printf(arena, "%.*s.%s.sync", (int)(name - place->into), place->into, name);
    if (!place->state) {
        return fail_no_memory(err);
    }
    place->build = below(arena, place, "build");
    place->sets = below(arena, place, "sets");
    place->lock = below(arena, place, "lock");
    return place->build && place->sets && place->lock ? STATUS_OK : fail_no_memory(err);
}

// The marker is read under the lock: another run may be replacing the directory. Leftovers are put
// right before the entries are listed.
enum status sync_place_open(struct arena *arena, const char *into, struct sync_place *ret_place,
                            struct error *err) {
    enum status status = name_parts(arena, into, ret_place, err);
    if (status) {
        return status;
    }
    status = check_directory(ret_place, err);
    if (status) {
        return status;
    }
    status = lock(ret_place, err);
    if (status) {
        return status;
    }
    status = sync_marker_load(arena, ret_place->into, &ret_place->marker, err);
    if (status) {
        return status;
    }
    status = recover(arena, ret_place, err);
    return status ? status : find_foreign(arena, ret_place, err);
}

// What is not empty stays: wheels that were fetched serve the next run.
static void leave_nothing(const struct sync_place *place) {
    if (rmdir(place->sets) == 0) {
        unlink(place->lock);
        rmdir(place->state);
    }
    if (place->is_made) {
        rmdir(place->into);
    }
}

void sync_place_close(struct sync_place *place) {
    if (place->lock_fd >= 0 && !place->marker) {
        leave_nothing(place);
    }
    json_decref(place->marker);
    if (place->lock_fd >= 0) {
        close(place->lock_fd);
    }
}

// ---- a new set ----

enum status sync_place_begin(struct arena *arena, struct sync_place *place, struct error *err) {
    enum status status = sync_discard(arena, place->state, place->build, err);
    return status ? status : make_folder(place->build, err);
}

static enum status exchange(const char *one, const char *other, struct error *err) {
    if (renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) == 0) {
        return STATUS_OK;
    }
    return errno == EINVAL || errno == ENOSYS
               ? fail(err, STATUS_INVALID, other,
                      "This file system cannot exchange two directories in one step, so sync does "
                      "not replace anything here")
               : fail_errno(other, "The directory cannot be exchanged", err);
}

// Everything on this file system, once: a set may have thousands of files.
static enum status sync_disk(const struct sync_place *place, struct error *err) {
    return syncfs(place->lock_fd) ? fail_errno(place->state, "The set cannot be put on disk", err)
                                  : STATUS_OK;
}

static enum status prune(struct arena *arena, const struct sync_place *place, int64_t keep,
                         struct error *err) {
    struct sync_sets sets;
    enum status status = sync_sets_list(arena, place->sets, &sets, err);
    for (size_t i = 0; !status && i + (size_t)keep < sets.count; i++) {
        status = sync_discard(arena, place->state, sets.items[i].path, err);
    }
    return status;
}

// After a rollback the current set is older than the newest kept one. A number is never used twice,
// so the new one is above both.
static enum status choose_number(struct arena *arena, const struct sync_place *place,
                                 int64_t *ret_number, struct error *err) {
    struct sync_sets sets;
    enum status status = sync_sets_list(arena, place->sets, &sets, err);
    if (status) {
        return status;
    }
    int64_t newest = sets.count ? sets.items[sets.count - 1].number : 0;
    int64_t current = sync_place_number(place);
    *ret_number = (newest > current ? newest : current) + 1;
    return STATUS_OK;
}

// The order is what makes a crash harmless. Marker and files are on disk before the exchange, so a
// set that can be seen is complete. The old set is filed and pruned only when the new one is live.
enum status sync_place_commit(struct arena *arena, struct sync_place *place, json_t *marker,
                              int64_t keep, struct error *err) {
    int64_t number = 0;
    enum status status = choose_number(arena, place, &number, err);
    if (status) {
        return status;
    }
    const char *next = below(arena, place, "next");
    bool is_set = json_object_set_new(marker, "set", json_integer(number)) == 0;
    scoped(cleanup_memory) char *text = is_set ? json_dumps(marker, JSON_INDENT(2)) : NULL;
    if (!next || !text) {
        return fail_no_memory(err);
    }
    struct tree_file file = {SYNC_MARKER, text_from(text), false};
    status = tree_write(arena, place->build, &file, err);
    if (status) {
        return status;
    }
    status = sync_disk(place, err);
    if (status) {
        return status;
    }
    if (rename(place->build, next)) {
        return fail_errno(next, "The new set cannot be renamed", err);
    }
    status = exchange(next, place->into, err);
    if (status) {
        return status;
    }
    json_decref(place->marker);
    place->marker = json_incref(marker);
    status = file_next(arena, place, err); // what was replaced is in "next" now
    if (status) {
        return status;
    }
    status = sync_disk(place, err);
    return status ? status : prune(arena, place, keep, err);
}

// The newest set below the current one; NULL when there is none. Going back twice therefore goes back two sets.
static const struct sync_set *find_earlier(const struct sync_sets *sets, int64_t current) {
    const struct sync_set *found = NULL;
    for (size_t i = 0; i < sets->count && sets->items[i].number < current; i++) {
        found = &sets->items[i];
    }
    return found;
}

enum status sync_place_rollback(struct arena *arena, struct sync_place *place, int64_t *ret_number,
                                struct error *err) {
    struct sync_sets sets;
    enum status status = sync_sets_list(arena, place->sets, &sets, err);
    if (status) {
        return status;
    }
    int64_t current = sync_place_number(place);
    const struct sync_set *earlier = find_earlier(&sets, current);
    const char *replaced = arena_printf(arena, "%s/%lld", place->sets, (long long)current);
    if (!replaced) {
        return fail_no_memory(err);
    }
    if (!earlier) {
        return fail(err, STATUS_NOT_FOUND, place->into, "There is no earlier set to go back to");
    }
    status = exchange(earlier->path, place->into, err);
    if (status) {
        return status;
    }
    // The folder of the earlier set now holds the replaced one. The next run does this too, so a crash before this
    // step does no harm.
    (void)rename(earlier->path, replaced);
    *ret_number = earlier->number;
    return sync_disk(place, err);
}
