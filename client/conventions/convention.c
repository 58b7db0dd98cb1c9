// SPDX-License-Identifier: MIT
// The table of conventions (convention.h), and what their readers share. A new one is a row here, a
// file beside this one, a tree under tests/trees/ and a section in docs/CONVENTIONS.md. The order is
// that of `auto`: what says more about a directory comes first, so a Mountaineer project is not read
// as a plain pyproject.
#include "client/conventions/convention.h"

#include "client/fs/printable.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <string.h>

static const struct convention *const rows[] = {
    &convention_plugin_yaml, &convention_plugin_meta, &convention_mountaineer,
    &convention_dist_info,   &convention_pyproject,   &convention_microcoreos,
};

enum { ROW_COUNT = COUNT_OF(rows) };

const struct convention *convention_at(size_t index) {
    return index < ROW_COUNT ? rows[index] : NULL;
}

const struct convention *convention_find(const char *name) {
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (strcmp(rows[i]->name, name) == 0) {
            return rows[i];
        }
    }
    return NULL;
}

// `within` is the folder that a convention's plugins stand in ("domains" of MicroCoreOS); NULL is the root.
static bool same_within(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

const struct convention *convention_recognize(const char *within, const struct rooted_dir *dir) {
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (same_within(rows[i]->within, within) && rows[i]->recognizes(rows[i], dir, false)) {
            return rows[i];
        }
    }
    return NULL;
}

// The code of a finding about a file that was not read: which kind of obstacle it was.
const char *convention_code(enum rooted_dir_kind kind, enum status status) {
    if (kind == ROOTED_DIR_OUTSIDE_FILE || kind == ROOTED_DIR_OUTSIDE_DIRECTORY) {
        return "link-outside-root";
    }
    switch (status) {
    case STATUS_INVALID:
        return "special-file";
    case STATUS_TOO_LARGE:
        return "too-large";
    default:
        return "unreadable";
    }
}

// ---- for the readers ----

// The list may move when it grows: a pointer to a plugin is good until the next one is added.
struct convention_plugin *convention_add(struct arena *arena, struct convention_plugins *plugins,
                                         const char *path, const char *name) {
    struct convention_plugin *grown =
        list_grow(arena, plugins->items, plugins->count, &plugins->capacity, sizeof *grown);
    if (!grown) {
        return NULL;
    }
    plugins->items = grown;
    struct convention_plugin *plugin = &plugins->items[plugins->count++];
    *plugin = (struct convention_plugin){.path = path, .name = name};
    findings_init(&plugin->findings, arena);
    return plugin;
}

// A file that cannot be read is a finding of its plugin and no failure of the walk, because one broken plugin
// must never hide the others. Only the lack of memory ends the walk.
bool convention_load(const struct rooted_dir *dir, const char *name, size_t max_bytes,
                     struct buffer *bytes, struct source_file *ret_file,
                     struct findings *findings) {
    struct arena *arena = findings->arena;
    struct error fault = {0};
    buffer_init(bytes, max_bytes);
    const char *path = arena_printf(arena, "%s/%s", dir->path, name);
    enum status status = path ? rooted_dir_load(dir, name, bytes, &fault) : STATUS_NO_MEMORY;
    if (status == STATUS_NO_MEMORY) {
        findings->no_memory = true;
        return false;
    }
    if (status) {
        findings_add_error(findings, convention_code(rooted_dir_find(dir, name), status), &fault);
        return false;
    }
    const char *shown = printable_utf8(arena, path);
    *ret_file =
        (struct source_file){shown, bytes->ptr ? bytes->ptr : "", bytes->len, dir->for_records};
    findings->no_memory = findings->no_memory || !shown;
    return shown;
}

const char *convention_place(struct arena *arena, const struct rooted_dir *dir, const char *name,
                             const struct manifest_source *source, const char *pointer) {
    struct findings unread; // why it cannot be read was said when the manifest was
    struct source_file file;
    scoped(buffer_done) struct buffer bytes = {0};
    findings_init(&unread, arena);
    if (!convention_load(dir, name, LIMIT_PYTHON_BYTES, &bytes, &file, &unread)) {
        return NULL;
    }
    size_t line = manifest_line(arena, &file, source, pointer);
    return line ? arena_printf(arena, "%s:%zu", file.path, line) : NULL;
}

// What a reader returned: its errors stay with the plugin; NO_MEMORY and INTERNAL are about us and go up. A
// reader that fails with INVALID has reported its findings already, so the error is not added twice.
enum status convention_keep(struct findings *findings, const struct error *fault,
                            struct error *err) {
    if (fault->status == STATUS_NO_MEMORY || fault->status == STATUS_INTERNAL) {
        return fail(err, fault->status, fault->where, "%s", fault->message);
    }
    if (fault->status &&
        (fault->status != STATUS_INVALID || !findings_count(findings, SEVERITY_ERROR))) {
        const char *code = fault->status == STATUS_TOO_LARGE ? "too-large" : "malformed";
        findings_add_error(findings, code, fault);
    }
    return findings->no_memory ? fail_no_memory(err) : STATUS_OK;
}

// Most conventions are this: one plugin, declared in one file.
enum status convention_read_file(const struct convention_file *what, struct arena *arena,
                                 const struct rooted_dir *dir,
                                 struct convention_plugins *ret_plugins, struct error *err) {
    struct error fault = {0};
    struct source_file file;
    scoped(buffer_done) struct buffer bytes = {0};
    struct convention_plugin *plugin = convention_add(arena, ret_plugins, dir->path, dir->name);
    if (!plugin) {
        return fail_no_memory(err);
    }
    if (convention_load(dir, what->name, what->max_bytes, &bytes, &file, &plugin->findings)) {
        what->read(arena, &file, dir->name, &plugin->findings, &plugin->release, &fault);
    }
    return convention_keep(&plugin->findings, &fault, err);
}

static enum status read_project(const struct rooted_dir *dir, const char *name,
                                struct findings *findings, const struct release **ret_release,
                                struct error *err) {
    struct error fault = {0};
    struct source_file file;
    scoped(buffer_done) struct buffer bytes;
    const char *readme_path = NULL;
    if (convention_load(dir, name, LIMIT_TOML_BYTES, &bytes, &file, findings)) {
        pyproject_read(&file, NULL, findings, ret_release, &readme_path, &fault);
    }
    return convention_keep(findings, &fault, err);
}

// With `nearest`, also directories above are looked in, but none above the root: a domain of MicroCoreOS takes
// its version from the project that contains it.
enum status convention_project(struct arena *arena, const struct rooted_dir *dir, bool nearest,
                               struct findings *findings, const struct release **ret_release,
                               struct error *err) {
    const char *name = "pyproject.toml";
    size_t levels = 0;
    for (const char *c = dir->relative; nearest && *c; c++) {
        levels += *c == '/' || c == dir->relative;
    }
    *ret_release = NULL;
    for (size_t level = 0; level <= levels && name; level++) {
        if (rooted_dir_find(dir, name) != ROOTED_DIR_ABSENT) {
            return read_project(dir, name, findings, ret_release, err);
        }
        name = arena_printf(arena, "../%s", name);
    }
    return name ? STATUS_OK : fail_no_memory(err);
}

// A pyproject.toml that only configures tools (ruff, pytest) has no [project] table. It is not a broken plugin.
bool convention_project_is_empty(const struct convention_plugin *plugin) {
    const struct findings *findings = &plugin->findings;
    bool is_tools_only = true;
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *item = &findings->items[i];
        is_tools_only &=
            item->severity == SEVERITY_WARNING || strcmp(item->code, "project-missing") == 0;
    }
    bool has_errors = findings_count(findings, SEVERITY_ERROR) > 0;
    return plugin->release ? !plugin->release->entry_point_count && !has_errors : is_tools_only;
}
