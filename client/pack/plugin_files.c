// SPDX-License-Identifier: MIT
// Going through a directory, folder by folder. What is left out is what a build tool leaves out as well: names
// that begin with a dot (".git", ".env"), Python's caches and compiled files, and the packages of a JavaScript
// build. Everything else is taken, because a plugin may read any file beside its code. A file that cannot be
// taken fails the whole: a wheel with a hole in it would fail later, on the host.
#include "client/pack/plugin_files.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FOLDERS_DEEP = 32 };

// What tools leave behind, and hidden files: .git and .env must never be published.
static bool is_left_out(const char *name) {
    static const char *const folders[] = {"__pycache__", "node_modules"};
    struct text text = text_from(name);
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        if (strcmp(name, folders[i]) == 0) {
            return true;
        }
    }
    return name[0] == '.' || text_ends_with(text, ".pyc") || text_ends_with(text, ".pyo") ||
           text_ends_with(text, "~");
}

// The state of one listing. `depth` counts the folders between the present one and the root.
struct listing {
    struct arena *arena;
    struct packed_files *files;
    size_t depth;
};

// Links to folders could lead in a circle, so one path has a bounded depth and all paths a bounded count.
static enum status check_room(const struct listing *listing, const char *path, struct error *err) {
    if (listing->depth > FOLDERS_DEEP) {
        return fail(err, STATUS_TOO_LARGE, path, "The folders are more than %d deep", FOLDERS_DEEP);
    }
    if (listing->files->count >= LIMIT_ARCHIVE_MEMBERS) {
        return fail(err, STATUS_TOO_LARGE, path,
                    "The directory has more than %d files. Leave out what is no code",
                    LIMIT_ARCHIVE_MEMBERS);
    }
    return STATUS_OK;
}

// The owner's bit alone decides, as in git: a wheel has two modes, 644 and 755.
static bool is_executable(const struct rooted_dir *dir, const char *name) {
    struct stat st;
    return fstatat(dir->fd, name, &st, 0) == 0 && (st.st_mode & S_IXUSR);
}

// RECORD and METADATA are UTF-8, so a path that is not cannot be written in them.
static enum status add_file(struct listing *listing, const struct rooted_dir *dir, const char *name,
                            const char *path, struct error *err) {
    struct packed_files *files = listing->files;
    if (!utf8_is_valid(path, strlen(path))) {
        return fail(err, STATUS_INVALID, path, "The path is not UTF-8");
    }
    struct packed_file *grown =
        list_grow(listing->arena, files->items, files->count, &files->capacity, sizeof *grown);
    if (!grown) {
        return fail_no_memory(err);
    }
    files->items = grown;
    files->items[files->count++] = (struct packed_file){path, is_executable(dir, name)};
    return STATUS_OK;
}

static enum status fail_kind(const struct rooted_dir_entry *entry, const char *path,
                             struct error *err) {
    switch (entry->kind) {
    case ROOTED_DIR_OUTSIDE_FILE:
    case ROOTED_DIR_OUTSIDE_DIRECTORY:
        return fail(
            err, STATUS_INVALID, path,
            "The link leaves the plugin's directory, or leads in a circle. Copy the file into it");
    case ROOTED_DIR_SPECIAL:
        return fail(err, STATUS_INVALID, path, "This is not a regular file. Remove it");
    default:
        return fail(err, STATUS_IO, path, "The file cannot be read");
    }
}

static enum status list_folder(struct listing *listing, const struct rooted_dir *dir,
                               const char *prefix, struct error *err);

static enum status list_below(struct listing *listing, const struct rooted_dir *dir,
                              const char *name, const char *path, struct error *err) {
    scoped(rooted_dir_close) struct rooted_dir below = ROOTED_DIR_CLOSED;
    const char *prefix = arena_printf(listing->arena, "%s/", path);
    if (!prefix) {
        return fail_no_memory(err);
    }
    enum status status = rooted_dir_enter(listing->arena, dir, name, &below, err);
    if (status) {
        return status;
    }
    listing->depth++;
    status = list_folder(listing, &below, prefix, err);
    listing->depth--;
    return status;
}

// Names are judged before kinds: a socket or a broken link with a hidden name is left out in
// silence.
static enum status list_entry(struct listing *listing, const struct rooted_dir *dir,
                              const struct rooted_dir_entry *entry, const char *prefix,
                              struct error *err) {
    if (entry->kind == ROOTED_DIR_ABSENT || is_left_out(entry->name)) {
        listing->files->left_out++;
        return STATUS_OK;
    }
    const char *path = arena_printf(listing->arena, "%s%s", prefix, entry->name);
    if (!path) {
        return fail_no_memory(err);
    }
    enum status status = check_room(listing, path, err);
    if (status) {
        return status;
    }
    switch (entry->kind) {
    case ROOTED_DIR_FILE:
        return add_file(listing, dir, entry->name, path, err);
    case ROOTED_DIR_DIRECTORY:
        return list_below(listing, dir, entry->name, path, err);
    default:
        return fail_kind(entry, path, err);
    }
}

static enum status list_folder(struct listing *listing, const struct rooted_dir *dir,
                               const char *prefix, struct error *err) {
    struct rooted_dir_entries entries = {0};
    enum status status = rooted_dir_entries(listing->arena, dir, &entries, err);
    for (size_t i = 0; i < entries.count && !status; i++) {
        status = list_entry(listing, dir, &entries.items[i], prefix, err);
    }
    return status;
}

// By bytes and not by locale. The order in which a system lists a folder differs between machines,
// and the same directory must always give the same wheel.
static int compare_paths(const void *left, const void *right) {
    return strcmp(((const struct packed_file *)left)->path,
                  ((const struct packed_file *)right)->path);
}

enum status plugin_files_list(struct arena *arena, const struct rooted_dir *dir,
                              struct packed_files *ret_files, struct error *err) {
    struct packed_files files = {0};
    struct listing listing = {.arena = arena, .files = &files};
    enum status status = list_folder(&listing, dir, "", err);
    if (status) {
        return status;
    }
    if (files.count) {
        qsort(files.items, files.count, sizeof *files.items, compare_paths);
    }
    *ret_files = files;
    return STATUS_OK;
}
