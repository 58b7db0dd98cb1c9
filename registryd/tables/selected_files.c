// SPDX-License-Identifier: MIT
// A selection comes from memory and knows no files; only what lists releases for an installer asks the database
// for them. Called by handlers, after the selection was made.
#include "registryd/tables/selected_files.h"

#include <stdlib.h>
#include <string.h>

struct release_names {
    struct release_name *items;
    size_t count;
};

static int compare_releases(const void *a, const void *b) {
    return strcmp(((const struct release_name *)a)->package,
                  ((const struct release_name *)b)->package);
}

// The releases of the records, each once; a selection has one of a package.
static enum status gather(struct arena *arena, const struct selected_files_query *query,
                          struct release_names *ret_names, struct error *err) {
    const struct records *records = &query->selection->records;
    struct release_name *releases = arena_array(arena, records->count + 1, sizeof *releases);
    size_t found = 0;
    size_t kept = 0;
    if (!releases) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->items[i];
        // A host never loads a shadowed entry point, so its package need not be installed for it.
        if (query->with_shadowed || !record->shadowed_by) {
            releases[found++] = (struct release_name){record->package, record->version};
        }
    }
    qsort(releases, found, sizeof *releases, compare_releases);
    for (size_t i = 0; i < found; i++) {
        if (!kept || compare_releases(&releases[kept - 1], &releases[i]) != 0) {
            releases[kept++] = releases[i];
        }
    }
    *ret_names = (struct release_names){releases, kept};
    return STATUS_OK;
}

// The files that a lock names, even if others were added to the release later: a frozen environment
// installs what was tested.
static void take_from_lock(const struct lock *lock, const struct release_names *names,
                           struct selected_releases *releases) {
    for (size_t i = 0; i < names->count; i++) {
        const struct release_name *name = &names->items[i];
        const struct locked_release *locked = lock_find(lock, name->package);
        releases->items[releases->count++] =
            locked ? *locked
                   : (struct locked_release){.package = name->package, .version = name->version};
    }
}

// Whether a file asks for something else than the host has.
static bool is_misfit(const struct selection *selection, const char *filename) {
    for (size_t i = 0; i < selection->misfits.count; i++) {
        if (strcmp(selection->misfits.items[i], filename) == 0) {
            return true;
        }
    }
    return false;
}

// Files come sorted by the position of their release in the list that was asked for, from 1.
// Of files that ask for different versions of Python, the first that fits says which.
static void add_file(const struct selection *selection, const struct release_file *file,
                     struct locked_file *place, struct locked_release *release) {
    *place = (struct locked_file){.filename = file->filename,
                                  .kind = file->kind,
                                  .sha256 = file->sha256,
                                  .tags = file->tags ? file->tags : "",
                                  .uploaded_at = file->uploaded_at,
                                  .size = file->size};
    if (!selected_files_fitting(selection, release)) {
        release->requires_python = file->requires_python;
    }
    release->file_count++;
}

static enum status load_files(struct store *store, struct arena *arena,
                              const struct selected_files_query *query,
                              const struct release_names *names, struct selected_releases *releases,
                              struct error *err) {
    struct release_files found = {0};
    enum status status =
        store_release_files_load(store, arena, names->items, names->count, &found, err);
    if (status) {
        return status;
    }
    struct locked_file *files = arena_array(arena, found.count + 1, sizeof *files);
    if (!files) {
        return fail_no_memory(err);
    }
    size_t at = 0;
    size_t kept = 0;
    for (size_t i = 0; i < names->count; i++) {
        struct locked_release *release = &releases->items[releases->count++];
        *release = (struct locked_release){.package = names->items[i].package,
                                           .version = names->items[i].version,
                                           .files = files + kept};
        for (; at < found.count && found.items[at].position == (int64_t)i + 1; at++) {
            if (!is_misfit(query->selection, found.items[at].filename)) {
                add_file(query->selection, &found.items[at], &files[kept++], release);
            }
        }
    }
    return STATUS_OK;
}

enum status selected_files_load(struct store *store, struct arena *arena,
                                const struct selected_files_query *query,
                                struct selected_releases *ret_releases, struct error *err) {
    struct release_names names;
    struct selected_releases releases = {0};
    enum status status = gather(arena, query, &names, err);
    if (status) {
        return status;
    }
    releases.items = arena_array(arena, names.count + 1, sizeof *releases.items);
    if (!releases.items) {
        return fail_no_memory(err);
    }
    if (query->selection->lock) {
        take_from_lock(query->selection->lock, &names, &releases);
    } else {
        status = load_files(store, arena, query, &names, &releases, err);
    }
    if (!status) {
        *ret_releases = releases;
    }
    return status;
}

bool selected_file_fits(const struct selection *selection, const struct locked_file *file) {
    const struct host_tags tags = {selection->tags, selection->tag_count};
    return locked_file_fits(file, &tags);
}

size_t selected_files_fitting(const struct selection *selection,
                              const struct locked_release *release) {
    size_t count = 0;
    for (size_t i = 0; i < release->file_count; i++) {
        count += selected_file_fits(selection, &release->files[i]);
    }
    return count;
}
