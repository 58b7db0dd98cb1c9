// SPDX-License-Identifier: MIT
// Environments as they are used: finding in them, and writing their document. Lists are sorted, so
// finding is a binary search and the document has one form.
#include "schema/environment/environment.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/base/quote.h"

#include <stdlib.h>
#include <string.h>

// Names stand in addresses and in file names of caches, so they have one spelling.
enum status environment_name_check(struct text name, struct error *err) {
    bool good = name.len >= 1 && name.len <= LIMIT_NAME_BYTES;
    for (size_t i = 0; good && i < name.len; i++) {
        char c = name.ptr[i];
        bool outer = i == 0 || i + 1 == name.len;
        good = is_lower(c) || is_digit(c) || (!outer && (c == '-' || c == '_' || c == '.'));
    }
    if (!good) {
        return fail(err, STATUS_INVALID, NULL,
                    "%s is not a valid name of an environment. Use lower-case ASCII letters and "
                    "digits, and "
                    "between them '-', '_' or '.'; at most %d bytes.",
                    quote_text(name).text, LIMIT_NAME_BYTES);
    }
    return STATUS_OK;
}

// Both begin with the name they are sorted by.
// That makes one comparison enough for plugins, pairs and permissions.
static int compare_name(const void *name, const void *item) {
    return strcmp(name, *(const char *const *)item);
}

const struct environment_plugin *environment_find_plugin(const struct environment *environment,
                                                         const char *package) {
    return environment->plugin_count
               ? bsearch(package, environment->plugins, environment->plugin_count,
                         sizeof *environment->plugins, compare_name)
               : NULL;
}

const struct environment_exception *
environment_find_exception(const struct environment_plugin *plugin, const char *code) {
    return plugin ? environment_exceptions_find(&plugin->exceptions, code) : NULL;
}

const char *environment_find_version(const struct environment *environment, const char *package) {
    const struct environment_pair *pair =
        environment->have_count ? bsearch(package, environment->have, environment->have_count,
                                          sizeof *environment->have, compare_name)
                                : NULL;
    return pair ? pair->value : NULL;
}

bool environment_knows_permission(const struct environment *environment, const char *permission) {
    return !environment->has_permissions ||
           (environment->permission_count &&
            bsearch(permission, environment->permissions, environment->permission_count,
                    sizeof *environment->permissions, compare_name));
}

// ---- the document; 0 or -1, as jansson's setters ----

static int set_text(json_t *object, const char *key, const char *text) {
    return text && *text ? json_object_set_new(object, key, json_string(text)) : 0;
}

// Steals `value`, also when it fails or has nothing to set.
static int set_unless_empty(json_t *object, const char *key, json_t *value) {
    scoped(cleanup_json) json_t *owned = value;
    if (!owned) {
        return -1;
    }
    bool empty = json_is_array(owned) ? !json_array_size(owned) : !json_object_size(owned);
    return empty ? 0 : json_object_set(object, key, owned);
}

static json_t *encode_pairs(const struct environment_pair *pairs, size_t count) {
    scoped(cleanup_json) json_t *object = json_object();
    for (size_t i = 0; object && i < count; i++) {
        if (json_object_set_new(object, pairs[i].name, json_string(pairs[i].value))) {
            return NULL;
        }
    }
    return take(object);
}

static json_t *encode_texts(const char *const *texts, size_t count) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < count; i++) {
        if (json_array_append_new(array, json_string(texts[i]))) {
            return NULL;
        }
    }
    return take(array);
}

// Absent facts are left out: they exclude nothing.
static json_t *encode_facts(const struct environment *environment) {
    scoped(cleanup_json) json_t *facts = json_object();
    bool failed =
        !facts || set_text(facts, "python", environment->python) ||
        set_unless_empty(facts, "markers",
                         encode_pairs(environment->markers, environment->marker_count)) ||
        set_unless_empty(facts, "have", encode_pairs(environment->have, environment->have_count)) ||
        set_unless_empty(facts, "tags", encode_texts(environment->tags, environment->tag_count));
    return failed ? NULL : take(facts);
}

// What equals the default is left out, so that one environment has one document.
static json_t *encode_policy(const struct environment *environment) {
    scoped(cleanup_json) json_t *policy = json_object();
    bool failed =
        !policy || set_text(policy, "plugins", environment->is_listed_only ? "listed" : NULL) ||
        (environment->prereleases && json_object_set_new(policy, "prereleases", json_true())) ||
        (environment->min_age_seconds &&
         json_object_set_new(policy, "min_age_seconds",
                             json_integer(environment->min_age_seconds))) ||
        (environment->max_snapshot_age_seconds != DEFAULT_SNAPSHOT_AGE_SECONDS &&
         json_object_set_new(policy, "max_snapshot_age_seconds",
                             json_integer(environment->max_snapshot_age_seconds)));
    return failed ? NULL : take(policy);
}

// {"enabled": true, "pin": "==1.2", "settings": {…}}; each member only when it was decided.
static json_t *encode_plugin(const struct environment_plugin *plugin) {
    scoped(cleanup_json) json_t *object = json_object();
    bool failed =
        !object || set_text(object, "pin", plugin->pin) ||
        ((plugin->state == PLUGIN_ENABLED || plugin->state == PLUGIN_DISABLED) &&
         json_object_set_new(object, "enabled", json_boolean(plugin->state == PLUGIN_ENABLED))) ||
        set_text(object, "state", plugin->state == PLUGIN_ALLOWED ? "allowed" : NULL) ||
        set_unless_empty(object, "secrets", environment_secrets_encode(&plugin->secrets)) ||
        set_unless_empty(object, "allow", environment_exceptions_encode(&plugin->exceptions)) ||
        set_unless_empty(object, "entry_points", environment_entries_encode(&plugin->entries)) ||
        (plugin->accepts_unknown_permissions &&
         json_object_set_new(object, "accept_unknown_permissions", json_true())) ||
        (plugin->settings &&
         json_object_set_new(object, "settings",
                             json_loads(plugin->settings, JSON_REJECT_DUPLICATES, NULL))) ||
        set_unless_empty(
            object, "secret_settings",
            encode_texts(plugin->secret_settings.items, plugin->secret_settings.count));
    return failed ? NULL : take(object);
}

static json_t *encode_plugins(const struct environment *environment) {
    scoped(cleanup_json) json_t *plugins = json_object();
    for (size_t i = 0; plugins && i < environment->plugin_count; i++) {
        const struct environment_plugin *plugin = &environment->plugins[i];
        if (set_unless_empty(plugins, plugin->package, encode_plugin(plugin))) {
            return NULL;
        }
    }
    return take(plugins);
}

//
//     {"facts": {"have": {"crm-host": "2.0"}, "python": "3.11"}, "permissions": ["mail"],
//      "plugins": {"crm-tools": {"enabled": true, "pin": "==1.2"}}, "policy": {"plugins": "listed"}}
//
// An empty list of permissions is written: it grants none, where no list at all grants every one.
json_t *environment_encode(const struct environment *environment) {
    scoped(cleanup_json) json_t *document = json_object();
    bool failed = !document || set_text(document, "description", environment->description) ||
                  set_unless_empty(document, "facts", encode_facts(environment)) ||
                  set_unless_empty(document, "policy", encode_policy(environment)) ||
                  (environment->has_permissions &&
                   json_object_set_new(
                       document, "permissions",
                       encode_texts(environment->permissions, environment->permission_count))) ||
                  set_unless_empty(document, "plugins", encode_plugins(environment));
    return failed ? NULL : take(document);
}
