// SPDX-License-Identifier: MIT
// The convention of MicroCoreOS: ROOT/domains/<domain>/…/*_plugin.py. The package is the domain; each
// file is read on its own, so that a broken one costs only itself.
#include "client/conventions/convention.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/reading/microcoreos.h"

#include <string.h>

enum { FOLDERS_DEEP = 8, FILES_MAX = 10000 };

static bool is_plugin_file(const char *name) {
    static const char ending[] = "_plugin.py";
    size_t len = strlen(name);
    return len > sizeof ending - 1 && strcmp(name + len - (sizeof ending - 1), ending) == 0;
}

static bool is_folder_of_code(const struct place_entry *entry) {
    return entry->kind == PLACE_DIRECTORY && entry->name[0] != '.' &&
           strcmp(entry->name, "__pycache__") != 0 && strcmp(entry->name, "tests") != 0;
}

// The plugin files under a place, as paths from the domain, depth first in order. Arena.
static enum status find_files(struct arena *arena, const struct place *place, const char *prefix,
                              int depth, struct strings *files) {
    struct place_entries entries = {0};
    enum status status = place_entries(arena, place, &entries, NULL);
    for (size_t i = 0; i < entries.count && !status; i++) {
        const struct place_entry *entry = &entries.items[i];
        const char *path = arena_printf(arena, "%s%s", prefix, entry->name);
        if (!path) {
            return STATUS_NO_MEMORY;
        }
        if (is_plugin_file(entry->name) && entry->kind != PLACE_DIRECTORY) {
            if (files->count < FILES_MAX) {
                files->items[files->count++] = path;
            }
        } else if (is_folder_of_code(entry) && depth < FOLDERS_DEEP) {
            scoped(place_close) struct place folder = PLACE_CLOSED;
            const char *inner = arena_printf(arena, "%s/", path);
            if (inner && place_enter(arena, place, entry->name, &folder, NULL) == STATUS_OK) {
                find_files(arena, &folder, inner, depth + 1, files);
            }
        }
    }
    return status == STATUS_NO_MEMORY ? status : STATUS_OK;
}

CLEANUP_DEFINE(struct arena *, cleanup_arena, arena_free)

static bool recognizes(const struct convention *self, const struct place *place, bool asked) {
    (void)self;
    (void)asked; // a domain without plugins is none, whoever asks
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct strings files = {0};
    files.items = arena ? arena_array(arena, FILES_MAX, sizeof *files.items) : NULL;
    return files.items && find_files(arena, place, "", 0, &files) == STATUS_OK && files.count;
}

// "plugins/create_product_plugin.py" -> "domains.products.plugins.create_product_plugin". Arena.
static char *module_of(struct arena *arena, const char *domain, const char *file) {
    char *module = arena_printf(arena, "domains.%s.%.*s", domain, (int)(strlen(file) - 3), file);
    for (char *c = module; c && *c; c++) {
        *c = *c == '/' ? '.' : *c;
    }
    return module;
}

static enum status read_file(struct arena *arena, const struct place *place, const char *name,
                             const char *version, struct convention_plugin *plugin,
                             struct error *err) {
    struct error fault = {0};
    struct source_file file;
    struct microcoreos_plugins found = {0};
    scoped(buffer_done) struct buffer bytes = {0};
    const char *module = module_of(arena, place->name, name);
    if (!module) {
        return fail_no_memory(err);
    }
    if (convention_load(place, name, LIMIT_PYTHON_BYTES, &bytes, &file, &plugin->findings)) {
        microcoreos_read(arena, &file, module, &plugin->findings, &found, &fault);
    }
    plugin->release = microcoreos_release(arena, place->name, version, &found);
    return plugin->release ? convention_keep(&plugin->findings, &fault, err) : fail_no_memory(err);
}

static enum status read_plugins(const struct convention *self, struct arena *arena,
                                const struct place *place, struct convention_plugins *ret_plugins,
                                struct error *err) {
    (void)self;
    const struct release *project = NULL;
    struct findings ignored; // the project only lends its version; its faults are its own business
    struct strings files = {arena_array(arena, FILES_MAX, sizeof *files.items), 0};
    findings_init(&ignored, arena);
    enum status status = convention_project(arena, place, true, &ignored, &project, err);
    if (!status && (!files.items || find_files(arena, place, "", 0, &files))) {
        status = fail_no_memory(err);
    }
    for (size_t i = 0; i < files.count && !status; i++) {
        const char *path = arena_printf(arena, "%s/%s", place->path, files.items[i]);
        const char *name = arena_printf(arena, "%s.%s", place->name, files.items[i]);
        struct convention_plugin *plugin =
            path && name ? convention_add(arena, ret_plugins, path, name) : NULL;
        status = plugin ? read_file(arena, place, files.items[i], project ? project->version : NULL,
                                    plugin, err)
                        : fail_no_memory(err);
    }
    return status;
}

const struct convention convention_microcoreos = {
    .name = "microcoreos",
    .group = "microcoreos.plugins",
    .within = "domains",
    .mark = "ROOT/domains/<domain>/…/*_plugin.py",
    .description = "MicroCoreOS: classes deriving from BasePlugin",
    .recognizes = recognizes,
    .read = read_plugins,
};
