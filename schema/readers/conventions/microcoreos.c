// SPDX-License-Identifier: MIT
// Which classes of a file are plugins, what tools their constructors ask for, which endpoints and events they
// declare. "Deriving" is followed through the classes of the same file only: another file's class is
// not looked up, because that would be a guess about imports.
//
//     class Mailer(BasePlugin):                                     a plugin: group microcoreos.plugins
//         def __init__(self, http, db): …                           tools: http, db
//         async def on_boot(self):
//             self.http.add_endpoint(path="/mail", method="POST")   an endpoint
#include "schema/readers/conventions/microcoreos.h"

#include "schema/base/list.h"
#include "schema/json/json.h"
#include "schema/readers/python/python_imports.h"
#include "schema/readers/python/python_source.h"

#include <string.h>

#define MICROCOREOS_GROUP "microcoreos.plugins"

static const char *where_of(struct arena *arena, const struct source_file *file, int line) {
    return arena_printf(arena, "%s:%d", file->path, line);
}

// core.plugins.BasePlugin and BasePlugin are the same class to us: imports are not followed.
static const char *last_part(const char *dotted) {
    const char *dot = strrchr(dotted, '.');
    return dot ? dot + 1 : dotted;
}

// ---- which classes ----

// Marks class i as a plugin when one of its bases is BasePlugin or a marked class.
static bool derives(const struct python_module *module, const bool *marked, size_t i) {
    const struct python_class *class = &module->classes[i];
    for (size_t b = 0; b < class->base_count; b++) {
        const char *base = class->bases[b];
        if (base && strcmp(last_part(base), "BasePlugin") == 0) {
            return true;
        }
        for (size_t j = 0; base && j < module->class_count; j++) {
            if (marked[j] && strcmp(module->classes[j].name, base) == 0) {
                return true;
            }
        }
    }
    return false;
}

// A class must stand before those that derive from it, so one pass in order is enough.
// A base must be defined above its subclasses, as Python itself demands.
static bool *mark_plugins(struct arena *arena, const struct python_module *module) {
    bool *marked = arena_array(arena, module->class_count + 1, sizeof *marked);
    for (size_t i = 0; marked && i < module->class_count; i++) {
        marked[i] = derives(module, marked, i);
    }
    return marked;
}

// ---- what a class declares ----

// The constructor of the class, or of the nearest class of the file that it derives from.
// By the first base only, and with a bound on the steps: a file may define a class twice, in a circle.
static const struct python_function *find_constructor(const struct python_module *module,
                                                      const struct python_class *class) {
    for (size_t steps = 0; class && steps <= module->class_count; steps++) {
        for (size_t i = 0; i < class->method_count; i++) {
            if (strcmp(class->methods[i].name, "__init__") == 0) {
                return &class->methods[i];
            }
        }
        const char *base = class->base_count ? class->bases[0] : NULL;
        class = base ? python_find_class(module, base) : NULL;
    }
    return NULL;
}

// Each parameter is called as the tool it asks for. Parameter 0 is self.
static json_t *encode_tools(const struct python_function *constructor,
                            const struct source_file *file, struct findings *findings) {
    json_t *tools = json_array();
    for (size_t i = 1; constructor && i < constructor->parameter_count; i++) {
        const struct python_parameter *parameter = &constructor->parameters[i];
        if (!parameter->variadic) {
            json_array_append_new(tools, json_string(parameter->name));
        } else {
            const char *where = where_of(findings->arena, file, constructor->line);
            findings_add(findings, SEVERITY_WARNING, "microcoreos-tools", where, NULL,
                         "The constructor takes %s, so some of its tools are unknown",
                         parameter->name);
        }
    }
    return tools;
}

// The text given for a parameter, by keyword or by position; NULL when it is known only at run time. Owned.
static json_t *literal_argument(const struct python_call *call, const char *name, size_t position) {
    const struct python_argument *given = NULL;
    for (size_t i = 0; i < call->argument_count; i++) {
        const struct python_argument *argument = &call->arguments[i];
        bool named = argument->name && strcmp(argument->name, name) == 0;
        if (named || (!argument->name && i == position)) {
            given = argument;
        }
    }
    json_t *value = given && given->json
                        ? json_loads(given->json, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL)
                        : NULL;
    if (json_is_string(value) && strlen(json_string_value(value)) == json_string_length(value)) {
        return value;
    }
    json_decref(value);
    return NULL;
}

// The argument written as the name of a class; NULL when there is none.
static const char *type_argument(const struct python_call *call, const char *name) {
    for (size_t i = 0; i < call->argument_count; i++) {
        const struct python_argument *argument = &call->arguments[i];
        if (argument->name && strcmp(argument->name, name) == 0) {
            return argument->type;
        }
    }
    return NULL;
}

// The literal tags of an endpoint, or NULL when there is none. Owned.
static json_t *encode_tags(const struct python_call *call) {
    json_auto_t *given = NULL;
    for (size_t i = 0; i < call->argument_count; i++) {
        const struct python_argument *argument = &call->arguments[i];
        if (argument->name && strcmp(argument->name, "tags") == 0 && argument->json) {
            json_decref(given);
            given = json_loads(argument->json, JSON_DECODE_ANY, NULL);
        }
    }
    json_auto_t *tags = json_array();
    size_t i;
    json_t *tag;
    json_array_foreach(given, i, tag) {
        if (json_is_string(tag)) {
            json_array_append(tags, tag);
        }
    }
    return json_array_size(tags) ? json_incref(tags) : NULL;
}

// {"path", "method"}, and of the others what is given literally. Owned.
static json_t *encode_endpoint(const struct python_call *call, json_t *path, json_t *method) {
    static const char *const models[] = {"request_model", "response_model"};
    json_t *endpoint =
        json_pack("{s:O, s:O, s:o*}", "path", path, "method", method, "tags", encode_tags(call));
    for (size_t i = 0; endpoint && i < COUNT_OF(models); i++) {
        const char *type = type_argument(call, models[i]);
        if (type) {
            json_object_set_new(endpoint, models[i], json_string(type));
        }
    }
    return endpoint;
}

// What the class declares by calls: the lists of its manifest.
struct declared_calls {
    json_t *endpoints;
    json_t
        *publishes; // an object whose keys are the names of the events, in the order of the source
    json_t *subscribes; // likewise
};

static void keep_endpoint(const struct python_call *call, const char *where,
                          struct declared_calls *declared, struct findings *findings) {
    // add_endpoint(path, method, handler, …)
    json_auto_t *path = literal_argument(call, "path", 0);
    json_auto_t *method = literal_argument(call, "method", 1);
    if (path && method) {
        json_array_append_new(declared->endpoints, encode_endpoint(call, path, method));
        return;
    }
    findings_add(findings, SEVERITY_WARNING, "microcoreos-endpoint", where,
                 "Write path and method as literal strings",
                 "The path or the method of this endpoint is known only at run time");
}

static void keep_event(const struct python_call *call, const char *where, json_t *events,
                       struct findings *findings) {
    // publish(event_name, data), subscribe(event_name, callback)
    json_auto_t *event = literal_argument(call, "event_name", 0);
    if (!event) {
        findings_add(findings, SEVERITY_WARNING, "microcoreos-event", where,
                     "Write the name of the event as a literal string",
                     "The name of this event is known only at run time");
        return;
    }
    json_object_set_new(events, json_string_value(event), json_true());
}

// The names as a list. Owned.
static json_t *encode_events(json_t *events) {
    json_t *list = json_array();
    const char *name;
    json_t *ignored;
    json_object_foreach(events, name, ignored) {
        json_array_append_new(list, json_string(name));
    }
    return list;
}

static const char *const kept_calls[] = {"add_endpoint", "publish", "subscribe"};

static void keep_calls(const struct python_class *class, const struct source_file *file,
                       struct declared_calls *declared, struct findings *findings) {
    for (size_t i = 0; i < class->call_count; i++) {
        const struct python_call *call = &class->calls[i];
        const char *callee = last_part(call->callee);
        const char *where = where_of(findings->arena, file, call->line);
        if (strcmp(callee, "add_endpoint") == 0) {
            keep_endpoint(call, where, declared, findings);
        } else if (strcmp(callee, "publish") == 0) {
            keep_event(call, where, declared->publishes, findings);
        } else {
            keep_event(call, where, declared->subscribes, findings);
        }
    }
}

// {"class": "Mailer", "endpoints": [{"path": "/mail", "method": "POST"}], "tools": ["http", "db"]}, and the lists of
// events that are not empty.
static const char *make_manifest(struct arena *arena, const struct python_module *module,
                                 const struct python_class *class, const struct source_file *file,
                                 struct findings *findings) {
    const struct python_function *constructor = find_constructor(module, class);
    struct declared_calls declared = {json_array(), json_object(), json_object()};
    keep_calls(class, file, &declared, findings);
    json_auto_t *manifest =
        json_pack("{s:s, s:o, s:o}", "class", class->name, "endpoints", declared.endpoints, "tools",
                  encode_tools(constructor, file, findings));
    json_auto_t *publishes = declared.publishes;
    json_auto_t *subscribes = declared.subscribes;
    if (json_object_size(publishes)) {
        json_object_set_new(manifest, "publishes", encode_events(publishes));
    }
    if (json_object_size(subscribes)) {
        json_object_set_new(manifest, "subscribes", encode_events(subscribes));
    }
    return manifest ? json_encode_canonical(arena, manifest) : NULL;
}

// ---- other domains ----

// The length of "domains.users" in "domains.users.models"; 0 when the name has no domain. All domains lie in a folder
// of that name, which may lie in a package: "shop.domains.users".
static size_t domain_length(const char *dotted) {
    struct text rest = text_from(dotted);
    struct text part;
    bool is_within = false;
    while (text_split(&rest, '.', &part)) {
        if (is_within) {
            return (size_t)(part.ptr - dotted) + part.len;
        }
        is_within = text_equals(part, "domains");
    }
    return 0;
}

// "domains.users" of an import, when it is another domain than that of the module; arena, else NULL.
static const char *other_domain(struct arena *arena, const char *module,
                                const struct python_import *import) {
    const char *target = import->module;
    size_t own = domain_length(module);
    if (import->name && !domain_length(target)) {
        target = arena_printf(arena, "%s.%s", target, import->name); // from domains import users
    }
    size_t len = target && own ? domain_length(target) : 0;
    size_t folder = own;
    while (folder && module[folder - 1] != '.') {
        folder--;
    }
    bool is_same_folder = len > folder && strncmp(module, target, folder) == 0 &&
                          !memchr(target + folder, '.', len - folder);
    bool is_own = len == own && strncmp(module, target, own) == 0;
    return is_same_folder && !is_own ? arena_copy(arena, target, len) : NULL;
}

static enum status check_imports(const struct python_module *read, const char *module,
                                 const struct source_file *file, struct findings *findings,
                                 struct error *err) {
    struct python_imports imports;
    const char *told = "";
    int told_line = 0;
    enum status status = python_imports_read(read, module, &imports, err);
    for (size_t i = 0; !status && i < imports.count; i++) {
        const struct python_import *import = &imports.items[i];
        const char *domain = other_domain(findings->arena, module, import);
        if (domain && (told_line != import->line || strcmp(told, domain) != 0)) {
            told = domain;
            told_line = import->line;
            findings_add(findings, SEVERITY_WARNING, "cross-domain-import",
                         where_of(findings->arena, file, import->line),
                         "Publish or subscribe to an event on the event bus instead",
                         "The plugin imports from another domain, \"%s\"", domain);
        }
    }
    return status;
}

enum status microcoreos_read(struct arena *arena, const struct source_file *file,
                             const char *module, struct findings *findings,
                             struct microcoreos_plugins *ret_plugins, struct error *err) {
    struct python_module read;
    const struct python_source_options options = {kept_calls, COUNT_OF(kept_calls)};
    struct microcoreos_plugins plugins = {0};
    enum status status = python_source_read(arena, file, &options, &read, err);
    if (status) {
        return status;
    }
    const bool *marked = mark_plugins(arena, &read);
    plugins.items = arena_array(arena, read.class_count + 1, sizeof *plugins.items);
    if (!marked || !plugins.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < read.class_count; i++) {
        if (!marked[i]) {
            continue;
        }
        const struct python_class *class = &read.classes[i];
        struct microcoreos_plugin *plugin = &plugins.items[plugins.count++];
        plugin->class_name = class->name;
        plugin->value = arena_printf(arena, "%s:%s", module, class->name);
        plugin->manifest = make_manifest(arena, &read, class, file, findings);
        if (!plugin->value || !plugin->manifest) {
            return fail_no_memory(err);
        }
    }
    if (!plugins.count) {
        findings_add(findings, SEVERITY_WARNING, "microcoreos-no-plugin", file->path,
                     "Derive a class from BasePlugin, or rename the file",
                     "No class of this file derives from BasePlugin");
    }
    *ret_plugins = plugins;
    return plugins.count ? check_imports(&read, module, file, findings, err) : STATUS_OK;
}

// The domain is the directory; its name and the class's make the entry point "mail.Mailer".
const struct release *microcoreos_release(struct arena *arena, const char *domain,
                                          const char *version,
                                          const struct microcoreos_plugins *plugins) {
    struct release *release = arena_alloc(arena, sizeof *release);
    struct entry_point *entries = arena_array(arena, plugins->count + 1, sizeof *entries);
    struct manifest *manifests = arena_array(arena, plugins->count + 1, sizeof *manifests);
    if (!release || !entries || !manifests) {
        return NULL;
    }
    for (size_t i = 0; i < plugins->count; i++) {
        const struct microcoreos_plugin *plugin = &plugins->items[i];
        const char *name = arena_printf(arena, "%s.%s", domain, plugin->class_name);
        if (!name) {
            return NULL;
        }
        entries[i] = (struct entry_point){MICROCOREOS_GROUP, name, plugin->value};
        manifests[i] = (struct manifest){MICROCOREOS_GROUP, name, plugin->manifest};
    }
    *release = (struct release){
        .name = domain,
        .version = version,
        .entry_points = entries,
        .entry_point_count = plugins->count,
        .manifests = manifests,
        .manifest_count = plugins->count,
        .provenance = {.convention = "microcoreos", .path = domain, .confidence = "derived"}};
    return release;
}
