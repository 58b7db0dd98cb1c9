// SPDX-License-Identifier: MIT
// A wheel may be built without its plugin: a package directory that the build left out, a plugin.yaml that is no
// package data, a view that was not compiled. Such a wheel installs and fails later, on the host. The warnings
// here say so before. They are warnings, because an entry point may name a module of another distribution, and a
// module may make its names while it runs.
//
//     crm = crm.plugin:Plugin     crm/plugin.py, crm/plugin/__init__.py or crm/plugin.cpython-311-….so is there,
//                                 and the source has the name Plugin
#include "schema/readers/artifact/wheel_entries.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"
#include "schema/packaging/entry_point.h"
#include "schema/readers/archive/zip.h"
#include "schema/readers/artifact/wheel_manifest.h"
#include "schema/readers/python/python_source.h"

#include <string.h>

enum { SOURCES_MAX = 64 }; // Python files of one wheel that are read

struct entry_checking {
    struct reader *reader;
    const struct archive_members *members;
    size_t sources; // read so far
};

// A group whose host reads a manifest beside the module and imports no attribute.
static bool has_manifest_alone(const char *group) {
    return strcmp(group, "honeyframe.plugins") == 0;
}

static void checking_add_warning(struct reader *reader, const char *code, const char *hint,
                                 const struct entry_point *entry, const char *message) {
    if (!message) {
        reader->findings->no_memory = true;
        return;
    }
    size_t before = reader->findings->count;
    findings_add(reader->findings, SEVERITY_WARNING, code, reader->path, hint, "%s \"%s\": %s",
                 entry->group, entry->name, message);
    findings_set_group(reader->findings, before, entry->group);
}

// "a.b" -> "a/b". Arena; NULL when out of memory.
static char *path_of(struct reader *reader, struct text module) {
    char *path = arena_copy(reader->arena, module.ptr, module.len);
    for (size_t i = 0; path && i < module.len; i++) {
        path[i] = path[i] == '.' ? '/' : path[i];
    }
    reader->findings->no_memory |= !path;
    return path;
}

// The first member that begins with the text; NULL when none does. Members are sorted by name.
static const struct archive_member *find_first(const struct archive_members *members,
                                               const char *beginning) {
    size_t low = 0;
    for (size_t high = members->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(members->items[middle].name, beginning) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const struct archive_member *found = low < members->count ? &members->items[low] : NULL;
    return found && strncmp(found->name, beginning, strlen(beginning)) == 0 ? found : NULL;
}

static bool holds(const struct entry_checking *checking, const char *path) {
    const struct archive_member *member =
        path ? archive_members_find(checking->members, path) : NULL;
    return member && member->is_file;
}

// ---- modules and attributes ----

// The source of a module, or of a package: "a/b.py", "a/b/__init__.py"; NULL when there is none.
static const char *find_source(const struct entry_checking *checking, const char *path) {
    static const char *const endings[] = {".py", "/__init__.py"};
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        const char *source = arena_printf(checking->reader->arena, "%s%s", path, endings[i]);
        if (holds(checking, source)) {
            return source;
        }
    }
    return NULL;
}

// "plugins/my-crm" of the path "plugins/my_crm" and a plugin that is called my-crm: a host that reads a manifest finds
// the folder by its name. The path itself when the wheel has no such folder.
static const char *folder_of_host(const struct entry_checking *checking,
                                  const struct entry_point *entry, const char *path) {
    const char *folder = has_manifest_alone(entry->group)
                             ? wheel_manifest_folder(checking->reader->arena, path, entry->name)
                             : NULL;
    const char *inside = folder ? arena_printf(checking->reader->arena, "%s/", folder) : NULL;
    return inside && find_first(checking->members, inside) ? folder : path;
}

// A package without __init__.py (PEP 420), or a compiled module: "a/b/…", "a/b.cpython-311-….so".
static bool has_other_form(const struct entry_checking *checking, const char *path) {
    struct arena *arena = checking->reader->arena;
    const char *folder = arena_printf(arena, "%s/", path);
    const char *compiled = arena_printf(arena, "%s.", path);
    const struct archive_member *module = compiled ? find_first(checking->members, compiled) : NULL;
    bool is_compiled = module && (text_ends_with(text_from(module->name), ".so") ||
                                  text_ends_with(text_from(module->name), ".pyd"));
    return is_compiled || (folder && find_first(checking->members, folder));
}

// Only the first part of "Plugin.make" is looked for: what hangs on it may be made when the class
// is built. A source that cannot be read is no finding; Python may still read it.
static void check_attribute(struct entry_checking *checking, const struct entry_point *entry,
                            const char *source, struct text attribute) {
    struct reader *reader = checking->reader;
    struct archive_selection selection = {source, LIMIT_MEMBER_BYTES, {NULL, 0}};
    const struct archive_member *member = archive_members_find(checking->members, source);
    struct python_module module = {0};
    struct text rest = attribute;
    struct text first;
    if (!text_split(&rest, '.', &first) || member->size > LIMIT_MEMBER_BYTES ||
        checking->sources++ >= SOURCES_MAX || !zip_load(reader, checking->members, &selection, 1) ||
        !selection.bytes.ptr) {
        return;
    }
    struct source_file file = {
        .path = source, .bytes = selection.bytes.ptr, .len = selection.bytes.len};
    enum status status = python_source_read(reader->arena, &file, NULL, &module, NULL);
    reader->findings->no_memory |= status == STATUS_NO_MEMORY;
    if (!status && !python_may_bind(&module, first)) {
        checking_add_warning(
            reader, "entry-point-attribute-missing", "Correct the name behind the colon", entry,
            arena_printf(reader->arena, "%s has no \"%.*s\"", source, (int)first.len, first.ptr));
    }
}

// Python compares names in a normal form of Unicode (NFKC), and file systems have forms of their own.
static bool is_ascii(const char *text) {
    while (*text > 0) {
        text++;
    }
    return !*text;
}

static void check_entry(struct entry_checking *checking, const struct entry_point *entry) {
    struct reader *reader = checking->reader;
    struct object_reference reference;
    if (!is_ascii(entry->value) ||
        object_reference_parse(text_from(entry->value), &reference, NULL)) {
        return; // that a value is no reference, a rule of releases says
    }
    const char *module = path_of(reader, reference.module);
    const char *path = module ? folder_of_host(checking, entry, module) : NULL;
    const char *source = path ? find_source(checking, path) : NULL;
    if (path && !source && !has_other_form(checking, path)) {
        checking_add_warning(reader, "entry-point-module-missing",
                             "Let the build include the package, or correct the entry point", entry,
                             arena_printf(reader->arena, "The wheel does not hold the module %.*s",
                                          (int)reference.module.len, reference.module.ptr));
    } else if (source && reference.attr.len && !has_manifest_alone(entry->group)) {
        check_attribute(checking, entry, source, reference.attr);
    }
}

// ---- what a manifest names ----

// "plugins/crm" and "dbt/" -> whether a file plugins/crm/dbt, or anything in that folder, is there.
static bool holds_declared(const struct entry_checking *checking, const char *folder,
                           const char *name) {
    struct arena *arena = checking->reader->arena;
    name += strncmp(name, "./", 2) == 0 ? 2 : 0;
    size_t len = strlen(name);
    while (len && name[len - 1] == '/') {
        len--;
    }
    const char *file = arena_printf(arena, "%s/%.*s", folder, (int)len, name);
    const char *below = arena_printf(arena, "%s/%.*s/", folder, (int)len, name);
    return !file || !below || holds(checking, file) || find_first(checking->members, below);
}

static void check_plugin_yaml(struct entry_checking *checking, const struct entry_point *entry,
                              const char *folder, const json_t *manifest) {
    static const char *const keys[] = {"frontend_entry", "dbt_workspace"};
    struct arena *arena = checking->reader->arena;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const char *name = json_string_value(json_object_get(manifest, keys[i]));
        if (name && !holds_declared(checking, folder, name)) {
            checking_add_warning(
                checking->reader, "declared-file-missing",
                "Add the file to the wheel, or take the key out of the manifest", entry,
                arena_printf(arena, "%s names %s/%s, which the wheel does not hold", keys[i],
                             folder, name));
        }
    }
}

// Whether a file of the package lies in a folder of that name: "notes/views/_static/main.js".
static bool holds_folder(const struct entry_checking *checking, struct text package,
                         const char *folder) {
    for (size_t i = 0; i < checking->members->count; i++) {
        const char *name = checking->members->items[i].name;
        if (strncmp(name, package.ptr, package.len) == 0 && name[package.len] == '/' &&
            strstr(name + package.len, folder)) {
            return true;
        }
    }
    return false;
}

// A plugin with views of its own needs them compiled: Mountaineer serves them from _static, and renders them on the
// server from _ssr. The build of the plugin makes both.
static void check_mountaineer(struct entry_checking *checking, const struct entry_point *entry,
                              const char *folder, const json_t *manifest) {
    static const char *const folders[] = {"/_static/", "/_ssr/"};
    const char *kind = json_string_value(json_object_get(manifest, "kind"));
    struct text package = {folder, strcspn(folder, "/")};
    bool has_views = kind && strcmp(kind, "router-only") != 0;
    for (size_t i = 0; has_views && i < COUNT_OF(folders); i++) {
        if (!holds_folder(checking, package, folders[i])) {
            checking_add_warning(checking->reader, "declared-file-missing",
                                 "Build the views before the wheel, and include them (artifacts)",
                                 entry,
                                 arena_printf(checking->reader->arena,
                                              "The plugin has views, but %.*s has no compiled %.*s",
                                              (int)package.len, package.ptr,
                                              (int)strlen(folders[i]) - 2, folders[i] + 1));
        }
    }
}

static const struct {
    const char *group;
    void (*check)(struct entry_checking *checking, const struct entry_point *entry,
                  const char *folder, const json_t *manifest);
} manifest_checks[] = {
    {"honeyframe.plugins", check_plugin_yaml},
    {"mountaineer.plugins", check_mountaineer},
};

// Whether the reader of the manifest has told already why there is none.
static bool is_missing_told(const struct entry_checking *checking,
                            const struct entry_point *entry) {
    const struct findings *findings = checking->reader->findings;
    const char *name = arena_printf(checking->reader->arena, "\"%s\"", entry->name);
    for (size_t i = 0; name && i < findings->count; i++) {
        const struct finding *item = &findings->items[i];
        if (strcmp(item->code, "manifest-missing") == 0 && item->group &&
            strcmp(item->group, entry->group) == 0 && strstr(item->message, name)) {
            return true;
        }
    }
    return false;
}

static void check_manifest(struct entry_checking *checking, const struct release *release,
                           const struct entry_point *entry) {
    const struct manifest *manifest = release_find_manifest(release, entry->group, entry->name);
    struct object_reference reference;
    if (object_reference_parse(text_from(entry->value), &reference, NULL)) {
        return;
    }
    if (!manifest && has_manifest_alone(entry->group) && !is_missing_told(checking, entry)) {
        checking_add_warning(
            checking->reader, "manifest-missing",
            "Include plugin.yaml in the package, for example as package data, or "
            "write the manifest as a literal in the module",
            entry, "The wheel holds no plugin.yaml, and no literal manifest in its module");
    }
    scoped(cleanup_json) json_t *document = manifest ? json_loads(manifest->json, 0, NULL) : NULL;
    const char *module = document ? path_of(checking->reader, reference.module) : NULL;
    const char *folder = module ? folder_of_host(checking, entry, module) : NULL;
    for (size_t i = 0; folder && i < COUNT_OF(manifest_checks); i++) {
        if (strcmp(manifest_checks[i].group, entry->group) == 0) {
            manifest_checks[i].check(checking, entry, folder, document);
        }
    }
}

void wheel_entries_check(struct reader *reader, const struct archive_members *members,
                         const struct release *release) {
    struct entry_checking checking = {.reader = reader, .members = members};
    for (size_t i = 0; i < release->entry_point_count; i++) {
        check_entry(&checking, &release->entry_points[i]);
        check_manifest(&checking, release, &release->entry_points[i]);
    }
}
