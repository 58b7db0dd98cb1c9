// SPDX-License-Identifier: MIT
// The convention of MicroCoreOS: ROOT/domains/<domain>/…/*_plugin.py. The package is the domain; each
// file is read on its own, so that a broken one costs only itself.
#include "client/conventions/convention.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/readers/conventions/microcoreos.h"

#include <string.h>

enum { FOLDERS_DEEP = 8, FOLDERS_MAX = 4096 };

static bool is_plugin_file(const struct rooted_dir_entry *entry) {
    static const char ending[] = "_plugin.py";
    size_t len = strlen(entry->name);
    return entry->kind != ROOTED_DIR_DIRECTORY && entry->kind != ROOTED_DIR_ABSENT &&
           len > sizeof ending - 1 && strcmp(entry->name + len - (sizeof ending - 1), ending) == 0;
}

static bool is_folder_of_code(const struct rooted_dir_entry *entry) {
    return entry->kind == ROOTED_DIR_DIRECTORY && entry->name[0] != '.' &&
           strcmp(entry->name, "__pycache__") != 0 && strcmp(entry->name, "tests") != 0;
}

// What a search found, and where it has been.
struct search {
    struct arena *arena;
    struct strings files; // paths from the domain
    size_t file_capacity;
    struct rooted_dir_identity *entered;
    size_t entered_count;
    size_t entered_capacity;
};

static bool add_file(struct search *search, const char *path) {
    const char **grown = list_grow(search->arena, search->files.items, search->files.count,
                                   &search->file_capacity, sizeof *grown);
    if (!grown) {
        return false;
    }
    search->files.items = grown;
    search->files.items[search->files.count++] = path;
    return true;
}

// Links may lead to a folder again and again, and a few of them to exponentially many paths: each
// folder is entered once.
static enum status enter_once(struct search *search, const struct rooted_dir *folder,
                              bool *ret_new) {
    struct rooted_dir_identity identity;
    *ret_new = search->entered_count < FOLDERS_MAX && rooted_dir_identify(folder, &identity);
    for (size_t i = 0; *ret_new && i < search->entered_count; i++) {
        *ret_new = !rooted_dir_is_same(&search->entered[i], &identity);
    }
    if (!*ret_new) {
        return STATUS_OK;
    }
    struct rooted_dir_identity *grown =
        list_grow(search->arena, search->entered, search->entered_count, &search->entered_capacity,
                  sizeof *grown);
    if (!grown) {
        return STATUS_NO_MEMORY;
    }
    search->entered = grown;
    search->entered[search->entered_count++] = identity;
    return STATUS_OK;
}

static enum status find_files(struct search *search, const struct rooted_dir *dir,
                              const char *prefix, int depth);

static enum status find_in_folder(struct search *search, const struct rooted_dir *dir,
                                  const struct rooted_dir_entry *entry, const char *path,
                                  int depth) {
    scoped(rooted_dir_close) struct rooted_dir folder = ROOTED_DIR_CLOSED;
    const char *inner = arena_printf(search->arena, "%s/", path);
    if (!inner) {
        return STATUS_NO_MEMORY;
    }
    enum status status = rooted_dir_enter(search->arena, dir, entry->name, &folder, NULL);
    if (status) {
        return status;
    }
    return find_files(search, &folder, inner, depth + 1);
}

// Adds the plugin files below a directory, depth first in order. A directory that cannot be read has none.
// Fails with: NO_MEMORY.
static enum status find_files(struct search *search, const struct rooted_dir *dir,
                              const char *prefix, int depth) {
    struct rooted_dir_entries entries = {0};
    bool is_new;
    enum status status = enter_once(search, dir, &is_new);
    if (!status && is_new) {
        status = rooted_dir_entries(search->arena, dir, &entries, NULL);
    }
    for (size_t i = 0; i < entries.count && status != STATUS_NO_MEMORY; i++) {
        const struct rooted_dir_entry *entry = &entries.items[i];
        const char *path = arena_printf(search->arena, "%s%s", prefix, entry->name);
        if (!path) {
            return STATUS_NO_MEMORY;
        }
        if (is_plugin_file(entry)) {
            status = add_file(search, path) ? STATUS_OK : STATUS_NO_MEMORY;
        } else if (is_folder_of_code(entry) && depth < FOLDERS_DEEP) {
            status = find_in_folder(search, dir, entry, path, depth);
        }
    }
    return status == STATUS_NO_MEMORY ? status : STATUS_OK;
}

static bool recognizes(const struct convention *self, const struct rooted_dir *dir, bool asked) {
    (void)self;
    (void)asked; // a domain without plugins is none, whoever asks
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct search search = {.arena = arena};
    return arena && find_files(&search, dir, "", 0) == STATUS_OK && search.files.count;
}

// "plugins/create_product_plugin.py" -> "domains.products.plugins.create_product_plugin". Arena.
static char *module_of(struct arena *arena, const char *domain, const char *file) {
    char *module = arena_printf(arena, "domains.%s.%.*s", domain, (int)(strlen(file) - 3), file);
    for (char *c = module; c && *c; c++) {
        *c = *c == '/' ? '.' : *c;
    }
    return module;
}

// A file is a module of the directory: crm/jobs/sync.py is crm.jobs.sync.
static enum status read_file(struct arena *arena, const struct rooted_dir *dir, const char *name,
                             const char *version, struct convention_plugin *plugin,
                             struct error *err) {
    struct error fault = {0};
    struct source_file file;
    struct microcoreos_plugins found = {0};
    scoped(buffer_done) struct buffer bytes = {0};
    const char *module = module_of(arena, dir->name, name);
    if (!module) {
        return fail_no_memory(err);
    }
    if (convention_load(dir, name, LIMIT_PYTHON_BYTES, &bytes, &file, &plugin->findings)) {
        microcoreos_read(arena, &file, module, &plugin->findings, &found, &fault);
    }
    plugin->release = microcoreos_release(arena, dir->name, version, &found);
    return plugin->release ? convention_keep(&plugin->findings, &fault, err) : fail_no_memory(err);
}

static enum status read_plugins(const struct convention *self, struct arena *arena,
                                const struct rooted_dir *dir,
                                struct convention_plugins *ret_plugins, struct error *err) {
    (void)self;
    const struct release *project = NULL;
    struct findings ignored; // the project only lends its version; its faults are its own business
    struct search search = {.arena = arena};
    findings_init(&ignored, arena);
    enum status status = convention_project(arena, dir, true, &ignored, &project, err);
    if (!status && find_files(&search, dir, "", 0)) {
        status = fail_no_memory(err);
    }
    for (size_t i = 0; !status && i < search.files.count; i++) {
        const char *path = arena_printf(arena, "%s/%s", dir->path, search.files.items[i]);
        const char *name = arena_printf(arena, "%s.%s", dir->name, search.files.items[i]);
        struct convention_plugin *plugin =
            path && name ? convention_add(arena, ret_plugins, path, name) : NULL;
        status = plugin ? read_file(arena, dir, search.files.items[i],
                                    project ? project->version : NULL, plugin, err)
                        : fail_no_memory(err);
    }
    return status;
}

// "products.CreateProduct" is the class CreateProduct of one of the files.
static const char *locate(const struct convention *self, struct arena *arena,
                          const struct rooted_dir *dir, const char *name, const char *pointer) {
    (void)self;
    const char *dot = strrchr(name, '.');
    const struct manifest_source source = {.format = DECLARED_PYTHON,
                                           .class_name = dot ? dot + 1 : name};
    struct search search = {.arena = arena};
    const char *place = NULL;
    if (find_files(&search, dir, "", 0)) {
        return NULL;
    }
    for (size_t i = 0; i < search.files.count && !place; i++) {
        place = convention_place(arena, dir, search.files.items[i], &source, pointer);
    }
    return place;
}

const struct convention convention_microcoreos = {
    .name = "microcoreos",
    .group = "microcoreos.plugins",
    .within = "domains",
    .mark = "ROOT/domains/<domain>/…/*_plugin.py",
    .description = "MicroCoreOS: classes deriving from BasePlugin",
    .recognizes = recognizes,
    .read = read_plugins,
    .locate = locate,
};
