// SPDX-License-Identifier: MIT
// Only names are read here; what a file is, its reader finds out when it is sent. A name that breaks the rules of file
// names stays in the list, so that it is reported as refused and not passed over in silence. Links are followed inside
// the folder alone (rooted_dir), which a depth of 16 keeps from going round.
#include "client/import/artifact_folder.h"

#include "client/fs/rooted_dir.h"
#include "schema/base/list.h"
#include "schema/packaging/wheel_name.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 16 };

// ---- names ----

static void take_wheel(const struct wheel_name *name, struct artifact_path *path) {
    path->package = name->normalized_name;
    path->version = name->version;
}

static void take_sdist(const struct sdist_name *name, struct artifact_path *path) {
    path->package = name->normalized_name;
    path->version = name->version;
}

bool artifact_path_read(struct arena *arena, const char *path, struct artifact_path *ret_path,
                        bool *no_memory) {
    const char *slash = strrchr(path, '/');
    struct artifact_path made = {.path = path, .filename = slash ? slash + 1 : path};
    struct text name = text_from(made.filename);
    const struct wheel_name *wheel = NULL;
    const struct sdist_name *sdist = NULL;
    made.is_wheel = text_ends_with(name, ".whl");
    enum status status = made.is_wheel ? wheel_name_parse(arena, name, &wheel, NULL)
                                       : sdist_name_parse(arena, name, &sdist, NULL);
    *no_memory |= status == STATUS_NO_MEMORY;
    if (wheel) {
        take_wheel(wheel, &made);
    } else if (sdist) {
        take_sdist(sdist, &made);
    } else if (!made.is_wheel && !text_ends_with(name, ".tar.gz")) {
        return false; // any other archive
    }
    *ret_path = made;
    return true;
}

// ---- order ----

static int compare_packages(const struct artifact_path *a, const struct artifact_path *b) {
    if (!a->package || !b->package) {
        return !a->package - !b->package;
    }
    int order = strcmp(a->package, b->package);
    return order ? order : version_compare(a->version, b->version);
}

static int compare_paths(const void *left, const void *right) {
    const struct artifact_path *a = left;
    const struct artifact_path *b = right;
    int order = compare_packages(a, b);
    if (!order) {
        order = b->is_wheel - a->is_wheel;
    }
    if (!order) {
        order = strcmp(a->filename, b->filename);
    }
    return order ? order : strcmp(a->path, b->path);
}

void artifact_paths_sort(struct artifact_paths *paths) {
    if (paths->count) {
        qsort(paths->items, paths->count, sizeof *paths->items, compare_paths);
    }
}

// ---- folders ----

struct folder_listing {
    struct arena *arena;
    struct artifact_paths *paths;
};

static enum status add_file(struct folder_listing *listing, const char *path, struct error *err) {
    struct artifact_path made;
    bool no_memory = false;
    bool is_one = artifact_path_read(listing->arena, path, &made, &no_memory);
    if (no_memory) {
        return fail_no_memory(err);
    }
    if (!is_one) {
        return STATUS_OK;
    }
    struct artifact_paths *paths = listing->paths;
    struct artifact_path *grown =
        list_grow(listing->arena, paths->items, paths->count, &paths->capacity, sizeof *grown);
    if (!grown) {
        return fail_no_memory(err);
    }
    paths->items = grown;
    paths->items[paths->count++] = made;
    return STATUS_OK;
}

static enum status list_folder(struct folder_listing *listing, const struct rooted_dir *dir,
                               int depth, struct error *err);

static enum status list_below(struct folder_listing *listing, const struct rooted_dir *dir,
                              const char *name, int depth, struct error *err) {
    scoped(rooted_dir_close) struct rooted_dir below = ROOTED_DIR_CLOSED;
    enum status status = rooted_dir_enter(listing->arena, dir, name, &below, err);
    return status ? status : list_folder(listing, &below, depth + 1, err);
}

static enum status list_entry(struct folder_listing *listing, const struct rooted_dir *dir,
                              const struct rooted_dir_entry *entry, int depth, struct error *err) {
    if (entry->kind == ROOTED_DIR_DIRECTORY && entry->name[0] != '.') {
        return list_below(listing, dir, entry->name, depth, err);
    }
    if (entry->kind != ROOTED_DIR_FILE) {
        return STATUS_OK;
    }
    const char *path = arena_printf(listing->arena, "%s/%s", dir->path, entry->name);
    return path ? add_file(listing, path, err) : fail_no_memory(err);
}

static enum status list_folder(struct folder_listing *listing, const struct rooted_dir *dir,
                               int depth, struct error *err) {
    struct rooted_dir_entries entries = {0};
    if (depth > DEPTH_MAX) {
        return fail(err, STATUS_TOO_LARGE, dir->path, "The folders lie more than %d deep",
                    DEPTH_MAX);
    }
    enum status status = rooted_dir_entries(listing->arena, dir, &entries, err);
    for (size_t i = 0; i < entries.count && !status; i++) {
        status = list_entry(listing, dir, &entries.items[i], depth, err);
    }
    return status;
}

enum status artifact_folder_list(struct arena *arena, const char *folder,
                                 struct artifact_paths *ret_paths, struct error *err) {
    struct artifact_paths paths = {0};
    struct folder_listing listing = {arena, &paths};
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    enum status status = rooted_dir_open(arena, folder, &dir, err);
    if (status) {
        return status;
    }
    status = list_folder(&listing, &dir, 0, err);
    if (status) {
        return status;
    }
    artifact_paths_sort(&paths);
    *ret_paths = paths;
    return STATUS_OK;
}
