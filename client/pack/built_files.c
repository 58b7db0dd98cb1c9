// SPDX-License-Identifier: MIT
// Only names are looked at; whether a file is what its name says, its reader finds out. Files of other versions stay
// where they are, since builds leave the files of every version there:
//
//     dist/crm-1.1.tar.gz              of an earlier version
//     dist/crm-1.2-py3-none-any.whl    of this one
#include "client/pack/built_files.h"

#include "client/fs/rooted_dir.h"
#include "schema/packaging/wheel_name.h"

#include <string.h>

// dist/ often still has the files of earlier versions; the name of a file says what it is of.
static bool is_of_release(struct arena *arena, const char *file,
                          const struct valid_release *release) {
    const struct wheel_name *wheel;
    const struct sdist_name *sdist;
    const char *name = NULL;
    const struct version *version = NULL;
    if (!wheel_name_parse(arena, text_from(file), &wheel, NULL)) {
        name = wheel->normalized_name;
        version = wheel->version;
    } else if (!sdist_name_parse(arena, text_from(file), &sdist, NULL)) {
        name = sdist->normalized_name;
        version = sdist->version;
    }
    return name && strcmp(name, release->normalized_name) == 0 &&
           strcmp(version_string(version), release->normalized_version) == 0;
}

static enum status list_folder(struct arena *arena, const char *folder,
                               const struct valid_release *release, struct strings *ret_paths,
                               struct error *err) {
    scoped(rooted_dir_close) struct rooted_dir dir = ROOTED_DIR_CLOSED;
    struct rooted_dir_entries entries = {0};
    enum status status = rooted_dir_open(arena, folder, &dir, err);
    if (status == STATUS_USAGE) {
        return STATUS_OK; // there is none
    }
    if (status) {
        return status;
    }
    status = rooted_dir_entries(arena, &dir, &entries, err);
    if (status) {
        return status;
    }
    ret_paths->items = arena_array(arena, entries.count + 1, sizeof *ret_paths->items);
    for (size_t i = 0; ret_paths->items && i < entries.count; i++) {
        const char *name = entries.items[i].name;
        if (entries.items[i].kind == ROOTED_DIR_FILE && is_of_release(arena, name, release)) {
            ret_paths->items[ret_paths->count++] = arena_printf(arena, "%s/%s", folder, name);
        }
    }
    return ret_paths->items ? STATUS_OK : fail_no_memory(err);
}

enum status built_files_list(struct arena *arena, const char *directory,
                             const struct valid_release *release, struct strings *ret_paths,
                             struct error *err) {
    const char *folder = arena_printf(arena, "%s/dist", directory);
    *ret_paths = (struct strings){0};
    if (!folder) {
        return fail_no_memory(err);
    }
    enum status status = list_folder(arena, folder, release, ret_paths, err);
    for (size_t i = 0; !status && i < ret_paths->count; i++) {
        if (!ret_paths->items[i]) {
            return fail_no_memory(err);
        }
    }
    return status;
}
