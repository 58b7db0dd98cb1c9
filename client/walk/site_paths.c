// SPDX-License-Identifier: MIT
// Reading .pth and .egg-link files as Python's site module and setuptools do. Unlike a link, such a line
// is meant to lead out of the root: Python follows it, so the walk does, and it reads there nothing but
// the metadata of installed distributions. A line that names no directory is passed over, as Python does.
#include "client/walk/site_paths.h"

#include "client/fs/printable.h"
#include "schema/base/list.h"

#include <string.h>
#include <sys/stat.h>

enum { SITE_FILE_BYTES = 64 * 1024, SITE_PATHS_MAX = 1000 };

static bool is_egg_link(const char *name) {
    return text_ends_with(text_from(name), ".egg-link");
}

bool site_paths_is_file(const char *name) {
    return text_ends_with(text_from(name), ".pth") || is_egg_link(name);
}

static bool is_directory(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void warn_not_followed(struct arena *arena, const struct rooted_dir *dir, const char *name,
                              struct findings *findings, const char *why) {
    const char *where = arena_printf(arena, "%s/%s", dir->path, name);
    findings->no_memory |= !where;
    findings_add(findings, SEVERITY_WARNING, "not-followed", where,
                 "Install the project again, or remove the file",
                 "The directories that this file adds to Python's path are unknown: %s", why);
}

// Python skips comments, empty lines and, here, code.
static bool is_path_line(struct text line) {
    bool code = line.len > 6 && memcmp(line.ptr, "import", 6) == 0 &&
                (line.ptr[6] == ' ' || line.ptr[6] == '\t');
    return line.len && line.ptr[0] != '#' && !code && text_trim(line).len &&
           !text_has_nul(line.ptr, line.len);
}

// The folder of a line, from the directory of the file. NULL when out of memory.
static const char *folder_of(struct arena *arena, const struct rooted_dir *dir, struct text line) {
    while (line.len && is_space(line.ptr[line.len - 1])) {
        line.len--;
    }
    while (line.len > 1 && line.ptr[line.len - 1] == '/') {
        line.len--;
    }
    return line.ptr[0] == '/' ? arena_copy(arena, line.ptr, line.len)
                              : arena_printf(arena, "%s/%.*s", dir->path, (int)line.len, line.ptr);
}

static enum status add_line(struct arena *arena, const struct rooted_dir *dir, const char *name,
                            struct text line, struct site_paths *paths, struct error *err) {
    const char *folder = folder_of(arena, dir, line);
    if (!folder) {
        return fail_no_memory(err);
    }
    if (paths->count >= SITE_PATHS_MAX || !is_directory(folder)) {
        return STATUS_OK;
    }
    struct site_path *grown =
        list_grow(arena, paths->items, paths->count, &paths->capacity, sizeof *grown);
    if (!grown) {
        return fail_no_memory(err);
    }
    paths->items = grown;
    paths->items[paths->count++] = (struct site_path){folder, name};
    return STATUS_OK;
}

static struct text without_mark(struct text rest) {
    bool mark = rest.len >= 3 && memcmp(rest.ptr, "\xef\xbb\xbf", 3) == 0;
    return mark ? (struct text){rest.ptr + 3, rest.len - 3} : rest;
}

enum status site_paths_read(struct arena *arena, const struct rooted_dir *dir, const char *name,
                            struct site_paths *paths, struct findings *findings,
                            struct error *err) {
    struct error fault = {0};
    struct text line;
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, SITE_FILE_BYTES);
    enum status status = rooted_dir_load(dir, name, &bytes, &fault);
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (status) {
        warn_not_followed(arena, dir, name, findings, fault.message);
        return STATUS_OK;
    }
    struct text rest = without_mark((struct text){bytes.ptr ? bytes.ptr : "", bytes.len});
    size_t before = paths->count;
    bool link = is_egg_link(name);
    for (bool more = true; more && text_split(&rest, '\n', &line); more = !link) {
        status = is_path_line(line) ? add_line(arena, dir, name, line, paths, err) : STATUS_OK;
        if (status) {
            return status;
        }
    }
    if (link && paths->count == before) {
        warn_not_followed(arena, dir, name, findings, "the folder that it names does not exist");
    }
    return findings->no_memory ? fail_no_memory(err) : STATUS_OK;
}
