// SPDX-License-Identifier: MIT
// Finds the file of each entry point by the module's path, loads it, and hands it to the reader of plugin
// directories:
//
//     honeyframe.plugins    plugins.crm:manifest       plugins/crm/plugin.yaml, else the literal "manifest" of the module
//     fastcms.plugins       plugins.blog:register      plugins/blog/__init__.py
//     mountaineer.plugins   stripe.plugin:plugin       stripe/plugin.py
//     microcoreos.plugins   domains.users.a:Login      domains/users/a.py
//
// A plugin.yaml is the plugin's manifest, so its faults are faults of the wheel. Python source is different: the
// host runs it, and what a static reader does not understand may be right. Then the manifest is missing, with a
// warning. How much source one wheel makes us read is bounded.
#include "schema/readers/artifact/wheel_manifest.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/packaging/entry_point.h"
#include "schema/readers/archive/zip.h"
#include "schema/readers/conventions/microcoreos.h"
#include "schema/readers/conventions/mountaineer.h"
#include "schema/readers/conventions/plugin_meta.h"
#include "schema/readers/python/python_source.h"
#include "schema/json/json.h"

#include <string.h>

enum { SOURCES_MAX = 64 }; // Python files of one wheel that are read

// A manifest on its way: the entry point and the file that says it.
struct quest {
    struct reader *reader;
    const struct archive_members *members;
    const struct release *release; // with all entry points, before any manifest
    const struct entry_point *entry;
    const char *module;        // "plugins.crm"
    const char *attribute;     // "manifest"
    struct source_file file;   // called "crm-1.0.whl: plugins/crm/plugin.yaml"
    struct findings *findings; // of the file
    const char *json;          // the manifest; NULL until it is found
};

struct manifest_kind {
    const char *group;
    const char *ending; // of the file, behind the module's path
    size_t max_bytes;
    bool is_source; // Python
    bool is_quiet;  // wheel_entries.c tells when no file of the group has the manifest
    enum status (*read)(struct quest *quest, struct error *err);
};

// `plugin` is what a reader made; NULL: it made nothing.
static const char *find_json(const struct release *plugin, const struct entry_point *entry) {
    const struct manifest *manifest =
        plugin ? release_find_manifest(plugin, entry->group, entry->name) : NULL;
    return manifest ? manifest->json : NULL;
}

static enum status read_plugin_yaml(struct quest *quest, struct error *err) {
    const struct release *plugin = NULL;
    enum status status = plugin_yaml_read(quest->reader->arena, &quest->file, quest->entry->name,
                                          quest->findings, &plugin, err);
    quest->json = plugin ? plugin->manifests[0].json : NULL;
    return status;
}

// The members of a literal dict, or the keyword arguments of a call that makes the manifest, as JSON. Owned; NULL when
// the value is known only at run time, or out of memory.
static json_t *literal_of(const struct python_value *value) {
    if (value->json) {
        return json_loads(value->json, 0, NULL);
    }
    const struct python_call *call = value->call;
    scoped(cleanup_json) json_t *made = call && !call->more ? json_object() : NULL;
    for (size_t i = 0; made && i < call->argument_count; i++) {
        const struct python_argument *argument = &call->arguments[i];
        json_t *json = argument->name && argument->json
                           ? json_loads(argument->json, JSON_DECODE_ANY, NULL)
                           : NULL;
        if (json_object_set_new(made, argument->name ? argument->name : "", json)) {
            return NULL;
        }
    }
    return take(made);
}

// JSON is YAML, so the reader of plugin.yaml judges the literal by the same rules. Line breaks in front give its
// findings the line of the assignment.
static enum status read_as_yaml(struct quest *quest, const json_t *literal, int line,
                                struct error *err) {
    scoped(buffer_done) struct buffer text;
    buffer_init(&text, LIMIT_YAML_BYTES);
    for (int i = 1; i < line && i < LIMIT_YAML_BYTES / 4; i++) {
        buffer_add_string(&text, "\n");
    }
    if (!json_write(&text, literal, false) || text.failed) {
        return fail(err, STATUS_TOO_LARGE, quest->file.path, "The manifest is over %d KiB",
                    LIMIT_YAML_BYTES >> 10);
    }
    const char *bytes = arena_copy(quest->reader->arena, text.ptr, text.len);
    if (!bytes) {
        return fail_no_memory(err);
    }
    quest->file.bytes = bytes;
    quest->file.len = text.len;
    return read_plugin_yaml(quest, err);
}

// crm = "plugins.crm:manifest" without a plugin.yaml:
//     manifest = {"name": "crm", "version": "0.1.0"}                a dict
//     manifest = PluginManifest(name="crm", version="0.1.0")        or the arguments of a call
static enum status read_plugin_literal(struct quest *quest, struct error *err) {
    struct python_module module;
    struct python_value value;
    enum status status = python_source_read(quest->reader->arena, &quest->file, NULL, &module, err);
    if (status) {
        return status;
    }
    status = python_value_read(&module, quest->attribute, &value, err);
    if (status) {
        return status;
    }
    if (!value.line) {
        return STATUS_OK; // the module does not bind the name
    }
    scoped(cleanup_json) json_t *literal = literal_of(&value);
    if (!json_is_object(literal)) {
        return fail(err, STATUS_INVALID,
                    arena_printf(quest->reader->arena, "%s:%d", quest->file.path, value.line),
                    "the value is known only at run time, or is no dict");
    }
    status = read_as_yaml(quest, literal, value.line, err);
    quest->json =
        status ? NULL : quest->json; // the host may take what breaks the rules of plugin.yaml
    return status;
}

static const char *last_part(const char *module) {
    const char *dot = strrchr(module, '.');
    return dot ? dot + 1 : module;
}

static enum status read_plugin_meta(struct quest *quest, struct error *err) {
    const struct release *plugin = NULL;
    enum status status = plugin_meta_read(quest->reader->arena, &quest->file,
                                          last_part(quest->module), quest->findings, &plugin, err);
    quest->json = status ? NULL : find_json(plugin, quest->entry);
    return status;
}

// The sources of notes/controllers/, beside notes/plugin.py. False when out of memory.
static bool load_controllers(struct quest *quest, struct mountaineer_source *source) {
    struct reader *reader = quest->reader;
    const char *folder = arena_printf(reader->arena, "%s/controllers/", source->module);
    struct source_file *files =
        arena_array(reader->arena, MOUNTAINEER_CONTROLLERS_MAX, sizeof *files);
    source->controllers = files;
    for (size_t i = 0; folder && files && i < quest->members->count &&
                       source->controller_count < MOUNTAINEER_CONTROLLERS_MAX;
         i++) {
        const struct archive_member *member = &quest->members->items[i];
        struct archive_selection loaded = {member->name, LIMIT_MEMBER_BYTES, {NULL, 0}};
        bool is_source = member->is_file && member->size <= LIMIT_MEMBER_BYTES &&
                         strncmp(member->name, folder, strlen(folder)) == 0 &&
                         !strchr(member->name + strlen(folder), '/') &&
                         text_ends_with(text_from(member->name), ".py");
        if (is_source && zip_load(reader, quest->members, &loaded, 1) && loaded.bytes.ptr) {
            files[source->controller_count++] = (struct source_file){
                .path = member->name, .bytes = loaded.bytes.ptr, .len = loaded.bytes.len};
        }
    }
    return folder && files;
}

// The reader adds an entry point of the name that the source gives, so another name than the declared one
// finds no manifest.
static enum status read_mountaineer(struct quest *quest, struct error *err) {
    size_t len = strlen(quest->module) - strlen(last_part(quest->module));
    const char *package = arena_copy(quest->reader->arena, quest->module, len ? len - 1 : 0);
    struct release project = *quest->release;
    project.manifest_count = 0;
    struct mountaineer_source source = {&quest->file, package, &project};
    const struct release *plugin = NULL;
    if (!package || !load_controllers(quest, &source)) {
        return fail_no_memory(err);
    }
    enum status status =
        mountaineer_read(quest->reader->arena, &source, quest->findings, &plugin, err);
    quest->json = status ? NULL : find_json(plugin, quest->entry);
    return status;
}

static enum status read_microcoreos(struct quest *quest, struct error *err) {
    struct microcoreos_plugins plugins = {0};
    enum status status = microcoreos_read(quest->reader->arena, &quest->file, quest->module,
                                          quest->findings, &plugins, err);
    for (size_t i = 0; !status && i < plugins.count; i++) {
        if (strcmp(plugins.items[i].class_name, quest->attribute) == 0) {
            quest->json = plugins.items[i].manifest;
        }
    }
    return status;
}

// The rows of a group are tried in order: the first whose file the wheel holds.
static const struct manifest_kind kinds[] = {
    {"honeyframe.plugins", "/plugin.yaml", LIMIT_YAML_BYTES, false, false, read_plugin_yaml},
    {"honeyframe.plugins", "/__init__.py", LIMIT_MEMBER_BYTES, true, true, read_plugin_literal},
    {"honeyframe.plugins", ".py", LIMIT_MEMBER_BYTES, true, true, read_plugin_literal},
    {"fastcms.plugins", "/__init__.py", LIMIT_MEMBER_BYTES, true, false, read_plugin_meta},
    {"fastcms.plugins", ".py", LIMIT_MEMBER_BYTES, true, false, read_plugin_meta},
    {"mountaineer.plugins", ".py", LIMIT_MEMBER_BYTES, true, false, read_mountaineer},
    {"mountaineer.plugins", "/__init__.py", LIMIT_MEMBER_BYTES, true, false, read_mountaineer},
    {"microcoreos.plugins", ".py", LIMIT_MEMBER_BYTES, true, false, read_microcoreos},
    {"microcoreos.plugins", "/__init__.py", LIMIT_MEMBER_BYTES, true, false, read_microcoreos},
};

// Fills module and attribute. False when the value is no reference, or out of memory.
static bool begin_quest(struct quest *quest) {
    struct arena *arena = quest->reader->arena;
    struct object_reference reference;
    if (object_reference_parse(text_from(quest->entry->value), &reference, NULL)) {
        return false;
    }
    const struct text *module = &reference.module;
    quest->module = arena_copy(arena, module->ptr, module->len);
    quest->attribute =
        arena_copy(arena, reference.attr.ptr ? reference.attr.ptr : "", reference.attr.len);
    quest->reader->findings->no_memory |= !quest->module || !quest->attribute;
    return quest->module && quest->attribute;
}

// "plugins/crm/plugin.yaml". NULL when out of memory.
static const char *make_path(struct quest *quest, const struct manifest_kind *kind) {
    size_t len = strlen(quest->module);
    char *path = arena_printf(quest->reader->arena, "%s%s", quest->module, kind->ending);
    quest->reader->findings->no_memory |= !path;
    for (size_t i = 0; path && i < len; i++) {
        path[i] = path[i] == '.' ? '/' : path[i];
    }
    return path;
}

const char *wheel_manifest_folder(struct arena *arena, const char *path, const char *name) {
    const char *slash = strrchr(path, '/');
    size_t above = slash ? (size_t)(slash + 1 - path) : 0;
    return module_part_is_folder(text_from(path + above), text_from(name))
               ? arena_printf(arena, "%.*s%s", (int)above, path, name)
               : NULL;
}

// The file in the folder that the host walks, where that has hyphens; else the path of the module.
static const char *find_path(const struct quest *quest, const struct archive_members *members,
                             const struct manifest_kind *kind, const char *path) {
    struct arena *arena = quest->reader->arena;
    const char *module = arena_copy(arena, path, strlen(path) - strlen(kind->ending));
    const char *folder = module && !kind->is_source
                             ? wheel_manifest_folder(arena, module, quest->entry->name)
                             : NULL;
    const char *file = folder ? arena_printf(arena, "%s%s", folder, kind->ending) : NULL;
    return file && archive_members_find(members, file) ? file : path;
}

// The first row of the group whose file the wheel holds; NULL when it holds none, or the group is of no known host.
static const struct manifest_kind *
choose_file(struct quest *quest, const struct archive_members *members, const char **ret_path) {
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        const struct manifest_kind *kind = &kinds[i];
        bool is_of_group = strcmp(kind->group, quest->entry->group) == 0;
        if (is_of_group && !quest->module && !begin_quest(quest)) {
            return NULL;
        }
        const char *path = is_of_group ? make_path(quest, kind) : NULL;
        *ret_path = path ? find_path(quest, members, kind, path) : NULL;
        if (*ret_path && archive_members_find(members, *ret_path)) {
            return kind;
        }
    }
    return NULL;
}

static void warn_missing(const struct quest *quest, const char *where, const char *reason) {
    size_t before = quest->reader->findings->count;
    findings_add(
        quest->reader->findings, SEVERITY_WARNING, "manifest-missing", where,
        "Write the values as literals, so that they can be read without running the plugin",
        "The manifest of \"%s\" cannot be read from its source: %s", quest->entry->name, reason);
    findings_set_group(quest->reader->findings, before, quest->entry->group);
}

// What the reader of the file said. A plugin.yaml has put its findings beside the others already.
static void keep(struct quest *quest, const struct manifest_kind *kind, enum status status,
                 const struct error *err, struct release *release) {
    if (status == STATUS_NO_MEMORY) {
        quest->reader->findings->no_memory = true;
    } else if (kind->is_quiet && !quest->json && status == STATUS_OK) {
        return;
    } else if (kind->is_source && !quest->json) {
        warn_missing(quest, status ? err->where : quest->file.path,
                     status ? err->message : "it says another name, or none");
    } else if (status == STATUS_MALFORMED) {
        findings_add_error(quest->reader->findings, "manifest-invalid", err);
    }
    if (quest->json) {
        release->manifests[release->manifest_count++] =
            (struct manifest){quest->entry->group, quest->entry->name, quest->json};
    }
}

// Findings about source that are the wheel's, too: what they say holds however the host loads the plugin. Several
// entry points of one file find them again.
static void keep_lasting(struct quest *quest, const struct findings *own) {
    struct findings lasting;
    findings_init(&lasting, quest->reader->arena);
    for (size_t i = 0; i < own->count; i++) {
        const struct finding *item = &own->items[i];
        if (strcmp(item->code, "cross-domain-import") == 0) {
            findings_add(&lasting, item->severity, item->code, item->where, item->hint, "%s",
                         item->message);
            findings_set_group(&lasting, lasting.count - 1, quest->entry->group);
        }
    }
    findings_append_new(quest->reader->findings, &lasting);
}

static void read_file(struct quest *quest, const struct manifest_kind *kind, const char *path,
                      struct text bytes, struct release *release) {
    struct error err = {0};
    struct findings own;
    findings_init(&own, quest->reader->arena);
    const char *name = arena_printf(quest->reader->arena, "%s: %s", quest->reader->path, path);
    if (!name) {
        quest->reader->findings->no_memory = true;
        return;
    }
    quest->file = (struct source_file){.path = name, .bytes = bytes.ptr, .len = bytes.len};
    quest->findings = kind->is_source ? &own : quest->reader->findings;
    enum status status = kind->read(quest, &err);
    quest->reader->findings->no_memory |= own.no_memory;
    keep_lasting(quest, &own);
    keep(quest, kind, status, &err, release);
}

// Loads one member. A source that is too large is not an error of the wheel.
static bool load(struct reader *reader, const struct archive_members *members,
                 const struct manifest_kind *kind, const char *path,
                 struct archive_selection *selection) {
    const struct archive_member *member = archive_members_find(members, path);
    *selection = (struct archive_selection){path, kind->max_bytes, {NULL, 0}};
    bool is_wanted =
        member && member->is_file && (!kind->is_source || member->size <= kind->max_bytes);
    return is_wanted && zip_load(reader, members, selection, 1) && selection->bytes.ptr;
}

void wheel_manifest_add(struct reader *reader, const struct archive_members *members,
                        struct release *release) {
    struct archive_selection loaded = {0};
    size_t sources = 0;
    release->manifests =
        reader_array(reader, release->entry_point_count, sizeof *release->manifests);
    for (size_t i = 0; release->manifests && i < release->entry_point_count; i++) {
        struct quest quest = {.reader = reader,
                              .members = members,
                              .release = release,
                              .entry = &release->entry_points[i]};
        const char *path;
        const struct manifest_kind *kind = choose_file(&quest, members, &path);
        if (!kind || (kind->is_source && sources == SOURCES_MAX)) {
            continue;
        }
        // entry points of one file often stand together: it is inflated once
        bool is_same = loaded.name && loaded.bytes.ptr && strcmp(loaded.name, path) == 0;
        if (is_same || load(reader, members, kind, path, &loaded)) {
            sources += kind->is_source;
            read_file(&quest, kind, path, loaded.bytes, release);
        }
    }
}
