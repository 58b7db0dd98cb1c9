// SPDX-License-Identifier: MIT
// plugin.py -> one entry point. The manifest holds what the call says literally: the plugin's name,
// and which of the optional parts (controllers, view_root, build_config, router) are given at all.
//
// A host runs `from <package>.plugin import plugin`. So a module that binds "plugin" is a plugin, and so
// is one that calls MountaineerPlugin and forgot to bind the result: both get a record, if a broken one.
// A module that only defines, imports or annotates with the class is machinery and no plugin.
#include "schema/readers/conventions/mountaineer.h"

#include "schema/json/json.h"
#include "schema/readers/conventions/fastapi_routes.h"
#include "schema/readers/conventions/mountaineer_urls.h"
#include "schema/readers/python/python_source.h"
#include "schema/readers/python/python_token.h"

#include <string.h>

#define MOUNTAINEER_GROUP "mountaineer.plugins"

static const char *where_of(struct arena *arena, const struct source_file *file, int line) {
    return arena_printf(arena, "%s:%d", file->path, line);
}

// "MountaineerPlugin(…)" and "mountaineer.MountaineerPlugin(…)" are both calls of the class.
static bool calls_plugin_class(const struct python_call *call) {
    const char *last = strrchr(call->callee, '.');
    return strcmp(last ? last + 1 : call->callee, "MountaineerPlugin") == 0;
}

// Whether the source calls MountaineerPlugin anywhere; its own definition is no call.
static bool has_plugin_call(const struct python_module *module, bool *ret_mentions) {
    const struct python_token *token = module->tokens;
    bool after_class = false;
    *ret_mentions = false;
    for (; token->type != PYTHON_END; token++) {
        bool named = token->type == PYTHON_NAME && text_equals(token->text, "MountaineerPlugin");
        *ret_mentions |= named;
        if (named && !after_class && token[1].type == PYTHON_OPERATOR &&
            text_equals(token[1].text, "(")) {
            return true;
        }
        after_class = token->type == PYTHON_NAME && text_equals(token->text, "class");
    }
    return false;
}

// Whether the module only works with the class.
static bool is_machinery(const struct python_module *module) {
    bool mentions;
    bool calls = has_plugin_call(module, &mentions);
    bool defines = python_find_class(module, "MountaineerPlugin");
    return !python_binds(module, "plugin") && (defines || (mentions && !calls));
}

// The call behind `plugin = …`, or NULL with a finding.
static const struct python_call *find_call(const struct python_value *plugin,
                                           const struct source_file *file, struct arena *arena,
                                           struct findings *findings) {
    static const char hint[] = "Write plugin = MountaineerPlugin(name=\"…\", …) at the top level";
    if (!plugin->line) {
        findings_add(findings, SEVERITY_ERROR, "mountaineer-plugin-missing", file->path, hint,
                     "The top level does not assign \"plugin\"");
        return NULL;
    }
    if (!plugin->call || !calls_plugin_class(plugin->call)) {
        findings_add(findings, SEVERITY_ERROR, "mountaineer-plugin-missing",
                     where_of(arena, file, plugin->line), hint,
                     "\"plugin\" is not made by a call of MountaineerPlugin");
        return NULL;
    }
    return plugin->call;
}

// The literal name of the plugin, or NULL with a finding. Arena.
static const char *find_name(const struct python_call *call, const struct source_file *file,
                             struct arena *arena, struct findings *findings) {
    const struct python_argument *name = NULL;
    for (size_t i = 0; i < call->argument_count; i++) {
        const struct python_argument *argument = &call->arguments[i];
        name = argument->name && strcmp(argument->name, "name") == 0 ? argument : name;
    }
    json_auto_t *value =
        name && name->json ? json_loads(name->json, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL) : NULL;
    const char *text = json_string_value(value);
    if (text && *text && strlen(text) == json_string_length(value)) {
        return arena_strdup(arena, text);
    }
    findings_add(
        findings, SEVERITY_ERROR, "mountaineer-name",
        where_of(arena, file, name ? name->line : call->line),
        "Write a literal name: name=\"my-plugin\"",
        name ? "The plugin's name is not a literal string, so the name is known only at run time"
             : "MountaineerPlugin is called without name=");
    return NULL;
}

// router=None and controllers=[] are as good as absent.
static bool is_given(const struct python_argument *argument) {
    return !argument->json ||
           (strcmp(argument->json, "null") != 0 && strcmp(argument->json, "[]") != 0);
}

// What the plugin consists of. NULL when the call has neither part, or arguments that are known only at run time.
// Controllers have views: a controller without one cannot be rendered.
static const char *kind_of(const struct python_call *call) {
    bool has_views = false;
    bool has_router = false;
    for (size_t i = 0; i < call->argument_count; i++) {
        const struct python_argument *argument = &call->arguments[i];
        const char *name = argument->name && is_given(argument) ? argument->name : "";
        has_views |= strcmp(name, "controllers") == 0 || strcmp(name, "view_root") == 0;
        has_router |= strcmp(name, "router") == 0;
    }
    if (call->more || (!has_views && !has_router)) {
        return NULL;
    }
    return has_views && has_router ? "mixed" : has_views ? "view-backed" : "router-only";
}

// {"declares": ["controllers", "router"], "kind": "mixed", "name": "crm"}: the names of the arguments, whose values
// are known at run time only; and the prefixes of the routes, when there are some.
static const char *make_manifest(struct arena *arena, const struct python_call *call,
                                 const char *name, const json_t *prefixes) {
    json_auto_t *declares = json_array();
    json_auto_t *list = json_array();
    for (size_t i = 0; i < call->argument_count; i++) {
        const char *argument = call->arguments[i].name;
        if (argument && strcmp(argument, "name") != 0) {
            json_array_append_new(declares, json_string(argument));
        }
    }
    const char *prefix;
    json_t *ignored;
    json_object_foreach((json_t *)(uintptr_t)prefixes, prefix, ignored) {
        json_array_append_new(list, json_string(prefix));
    }
    json_auto_t *manifest =
        json_pack("{s:s, s:O, s:s*}", "name", name, "declares", declares, "kind", kind_of(call));
    if (json_array_size(list)) {
        json_object_set(manifest, "router_prefixes", list);
    }
    return manifest ? json_encode_canonical(arena, manifest) : NULL;
}

// A controller's file that is not Python states no address; the host will tell.
static enum status add_controller(struct arena *arena, const struct source_file *file,
                                  json_t *prefixes, struct error *err) {
    struct python_module module;
    enum status status = python_source_read(arena, file, NULL, &module, NULL);
    bool is_good = status ? status != STATUS_NO_MEMORY : mountaineer_urls_add(&module, prefixes);
    return is_good ? STATUS_OK : fail_no_memory(err);
}

// The first parts of all addresses that plugin.py and the controllers state.
static enum status read_prefixes(struct arena *arena, const struct python_module *read,
                                 const struct mountaineer_source *source, json_t *prefixes,
                                 struct error *err) {
    enum status status =
        prefixes ? fastapi_prefixes_read(read, prefixes, err) : fail_no_memory(err);
    if (status) {
        return status;
    }
    if (!mountaineer_urls_add(read, prefixes)) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; !status && i < source->controller_count; i++) {
        status = add_controller(arena, &source->controllers[i], prefixes, err);
    }
    return status;
}

// The pyproject.toml may list the same entry point, which then keeps the value that it has there.
static bool declares(const struct release *project, const char *name) {
    for (size_t i = 0; i < project->entry_point_count; i++) {
        const struct entry_point *entry = &project->entry_points[i];
        if (strcmp(entry->group, MOUNTAINEER_GROUP) == 0 && strcmp(entry->name, name) == 0) {
            return true;
        }
    }
    return false;
}

// A copy of the project with the entry point (unless it declares it) and the manifest added.
static const struct release *extend(struct arena *arena, const struct release *project,
                                    const struct entry_point *added, const char *manifest) {
    struct release *release = arena_alloc(arena, sizeof *release);
    struct entry_point *entries =
        arena_array(arena, project->entry_point_count + 1, sizeof *entries);
    struct manifest *manifests = arena_array(arena, project->manifest_count + 1, sizeof *manifests);
    if (!release || !entries || !manifests) {
        return NULL;
    }
    *release = *project;
    for (size_t i = 0; i < project->entry_point_count; i++) {
        entries[i] = project->entry_points[i];
    }
    for (size_t i = 0; i < project->manifest_count; i++) {
        manifests[i] = project->manifests[i];
    }
    if (!declares(project, added->name)) {
        entries[release->entry_point_count++] = *added;
    }
    manifests[release->manifest_count++] = (struct manifest){added->group, added->name, manifest};
    release->entry_points = entries;
    release->manifests = manifests;
    release->provenance.convention = "mountaineer";
    return release;
}

enum status mountaineer_read(struct arena *arena, const struct mountaineer_source *source,
                             struct findings *findings, const struct release **ret_release,
                             struct error *err) {
    struct python_module read;
    struct python_value plugin;
    size_t errors_before = findings->error_count;
    enum status status = python_source_read(arena, source->file, NULL, &read, err);
    if (status) {
        return status;
    }
    if (is_machinery(&read)) {
        *ret_release = NULL;
        return STATUS_OK;
    }
    status = python_value_read(&read, "plugin", &plugin, err);
    if (status) {
        return status;
    }
    const struct python_call *call = find_call(&plugin, source->file, arena, findings);
    const char *name = call ? find_name(call, source->file, arena, findings) : NULL;
    *ret_release = source->project;
    if (name) {
        struct entry_point entry = {MOUNTAINEER_GROUP, name,
                                    arena_printf(arena, "%s.plugin:plugin", source->module)};
        json_auto_t *prefixes = json_object();
        status = read_prefixes(arena, &read, source, prefixes, err);
        if (status) {
            return status;
        }
        const char *manifest = make_manifest(arena, call, name, prefixes);
        *ret_release =
            manifest && entry.value ? extend(arena, source->project, &entry, manifest) : NULL;
        if (!*ret_release) {
            return fail_no_memory(err);
        }
    }
    return findings_fail(findings, errors_before, err);
}
