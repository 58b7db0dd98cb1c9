// SPDX-License-Identifier: MIT
// The convention of Mountaineer: a project with a pyproject.toml and <package>/plugin.py. The package is
// looked for beside the pyproject.toml and under src/, as build back ends do.
#include "client/conventions/convention.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/readers/conventions/mountaineer.h"

#include <string.h>

struct plugin_files {
    const char *names[16]; // "my_plugin/plugin.py", "src/my_plugin/plugin.py"
    size_t count;
};

static void find_in(struct arena *arena, const struct rooted_dir *dir, const char *folder,
                    struct plugin_files *files) {
    struct rooted_dir_entries entries = {0};
    if (rooted_dir_entries(arena, dir, &entries, NULL)) {
        return;
    }
    for (size_t i = 0; i < entries.count; i++) {
        const struct rooted_dir_entry *entry = &entries.items[i];
        const char *name = entry->name;
        if (entry->kind != ROOTED_DIR_DIRECTORY || *name == '.' || files->count == 16) {
            continue;
        }
        const char *file = arena_printf(arena, "%s/plugin.py", name);
        if (file && rooted_dir_find(dir, file) != ROOTED_DIR_ABSENT) {
            files->names[files->count++] = arena_printf(arena, "%s%s", folder, file);
        }
    }
}

static void find_files(struct arena *arena, const struct rooted_dir *dir,
                       struct plugin_files *ret_files) {
    *ret_files = (struct plugin_files){0};
    find_in(arena, dir, "", ret_files);
    if (rooted_dir_find(dir, "src") == ROOTED_DIR_DIRECTORY) {
        scoped(rooted_dir_close) struct rooted_dir source = ROOTED_DIR_CLOSED;
        if (rooted_dir_enter(arena, dir, "src", &source, NULL) == STATUS_OK) {
            find_in(arena, &source, "src/", ret_files);
        }
    }
}

static bool mentions_plugin(const struct rooted_dir *dir, const char *name) {
    static const char word[] = "MountaineerPlugin";
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, LIMIT_PYTHON_BYTES);
    return name && rooted_dir_load(dir, name, &bytes, NULL) == STATUS_OK && bytes.len &&
           memmem(bytes.ptr, bytes.len, word, sizeof word - 1);
}

static bool recognizes(const struct convention *self, const struct rooted_dir *dir, bool asked) {
    (void)self;
    if (rooted_dir_find(dir, "pyproject.toml") == ROOTED_DIR_ABSENT) {
        return false;
    }
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct plugin_files files;
    if (!arena || asked) {
        return asked;
    }
    find_files(arena, dir, &files);
    for (size_t i = 0; i < files.count; i++) {
        if (mentions_plugin(dir, files.names[i])) {
            return true;
        }
    }
    return false;
}

// "src/my_plugin/plugin.py" -> "my_plugin".
static const char *module_of(struct arena *arena, const char *file) {
    const char *start = strncmp(file, "src/", 4) == 0 ? file + 4 : file;
    return arena_copy(arena, start, strcspn(start, "/"));
}

static enum status read_file(struct arena *arena, const struct rooted_dir *dir, const char *name,
                             struct convention_plugin *plugin, struct error *err) {
    struct error fault = {0};
    struct source_file file;
    scoped(buffer_done) struct buffer bytes = {0};
    const char *module = module_of(arena, name);
    if (!module) {
        return fail_no_memory(err);
    }
    const struct release *project = plugin->release;
    static const struct release nothing;
    if (convention_load(dir, name, LIMIT_PYTHON_BYTES, &bytes, &file, &plugin->findings)) {
        struct mountaineer_source source = {&file, module, project ? project : &nothing};
        mountaineer_read(arena, &source, &plugin->findings, &plugin->release, &fault);
    }
    return convention_keep(&plugin->findings, &fault, err);
}

static enum status read_plugin(const struct convention *self, struct arena *arena,
                               const struct rooted_dir *dir, struct convention_plugins *ret_plugins,
                               struct error *err) {
    (void)self;
    struct plugin_files files;
    struct convention_plugin *plugin = convention_add(arena, ret_plugins, dir->path, dir->name);
    if (!plugin) {
        return fail_no_memory(err);
    }
    enum status status =
        convention_project(arena, dir, false, &plugin->findings, &plugin->release, err);
    find_files(arena, dir, &files);
    if (!status && !files.count) {
        findings_add(&plugin->findings, SEVERITY_ERROR, "mountaineer-plugin-missing", dir->path,
                     "Write plugin = MountaineerPlugin(name=\"…\", …) in <package>/plugin.py",
                     "The project has no <package>/plugin.py");
    }
    for (size_t i = 0; i < files.count && !status; i++) {
        status = read_file(arena, dir, files.names[i], plugin, err);
    }
    return status;
}

const struct convention convention_mountaineer = {
    .name = "mountaineer",
    .group = "mountaineer.plugins",
    .mark = "ROOT/<project>/pyproject.toml with <package>/plugin.py",
    .description = "Mountaineer: a project whose plugin.py makes a MountaineerPlugin",
    .recognizes = recognizes,
    .read = read_plugin,
};
