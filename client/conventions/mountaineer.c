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

static void find_in(struct arena *arena, const struct place *place, const char *folder,
                    struct plugin_files *files) {
    struct place_entries entries = {0};
    if (place_entries(arena, place, &entries, NULL)) {
        return;
    }
    for (size_t i = 0; i < entries.count; i++) {
        const struct place_entry *entry = &entries.items[i];
        const char *name = entry->name;
        if (entry->kind != PLACE_DIRECTORY || *name == '.' || files->count == 16) {
            continue;
        }
        const char *file = arena_printf(arena, "%s/plugin.py", name);
        if (file && place_find(place, file) != PLACE_ABSENT) {
            files->names[files->count++] = arena_printf(arena, "%s%s", folder, file);
        }
    }
}

static void find_files(struct arena *arena, const struct place *place,
                       struct plugin_files *ret_files) {
    *ret_files = (struct plugin_files){0};
    find_in(arena, place, "", ret_files);
    if (place_find(place, "src") == PLACE_DIRECTORY) {
        scoped(place_close) struct place source = PLACE_CLOSED;
        if (place_enter(arena, place, "src", &source, NULL) == STATUS_OK) {
            find_in(arena, &source, "src/", ret_files);
        }
    }
}

CLEANUP_DEFINE(struct arena *, cleanup_arena, arena_free)

static bool mentions_plugin(const struct place *place, const char *name) {
    static const char word[] = "MountaineerPlugin";
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, LIMIT_PYTHON_BYTES);
    return name && place_load(place, name, &bytes, NULL) == STATUS_OK && bytes.len &&
           memmem(bytes.ptr, bytes.len, word, sizeof word - 1);
}

static bool recognizes(const struct convention *self, const struct place *place, bool asked) {
    (void)self;
    if (place_find(place, "pyproject.toml") == PLACE_ABSENT) {
        return false;
    }
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct plugin_files files;
    if (!arena || asked) {
        return asked;
    }
    find_files(arena, place, &files);
    for (size_t i = 0; i < files.count; i++) {
        if (mentions_plugin(place, files.names[i])) {
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

static enum status read_file(struct arena *arena, const struct place *place, const char *name,
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
    if (convention_load(place, name, LIMIT_PYTHON_BYTES, &bytes, &file, &plugin->findings)) {
        struct mountaineer_source source = {&file, module, project ? project : &nothing};
        mountaineer_read(arena, &source, &plugin->findings, &plugin->release, &fault);
    }
    return convention_keep(&plugin->findings, &fault, err);
}

static enum status read_plugin(const struct convention *self, struct arena *arena,
                               const struct place *place, struct convention_plugins *ret_plugins,
                               struct error *err) {
    (void)self;
    struct plugin_files files;
    struct convention_plugin *plugin = convention_add(arena, ret_plugins, place->path, place->name);
    if (!plugin) {
        return fail_no_memory(err);
    }
    enum status status =
        convention_project(arena, place, false, &plugin->findings, &plugin->release, err);
    find_files(arena, place, &files);
    if (!status && !files.count) {
        findings_add(&plugin->findings, SEVERITY_ERROR, "mountaineer-plugin-missing", place->path,
                     "Write plugin = MountaineerPlugin(name=\"…\", …) in <package>/plugin.py",
                     "The project has no <package>/plugin.py");
    }
    for (size_t i = 0; i < files.count && !status; i++) {
        status = read_file(arena, place, files.names[i], plugin, err);
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
