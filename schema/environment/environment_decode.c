// SPDX-License-Identifier: MIT
// Environment document -> struct environment: policy, permissions and plugins; the facts are in
// environment_facts.c. Tables say which member is read by what. Faults are collected, so that whoever
// wrote the document sees all of them at once.
#include "schema/environment/environment_parts.h"
#include "schema/environment/environment_values.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"
#include "schema/packaging/version/specifier.h"
#include "schema/base/list.h"

#include <stdlib.h>
#include <string.h>

// The list is sorted, so equal texts are neighbours.
size_t environment_drop_equal(const char **items, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!kept || strcmp(items[kept - 1], items[i]) != 0) {
            items[kept++] = items[i];
        }
    }
    return kept;
}

// ---- policy ----

// "all" serves every compatible package. "listed" serves those that the document enables or offers.
static void decode_policy_plugins(struct object_reader *reader, const char *where,
                                  const json_t *value, void *target) {
    struct environment *environment = target;
    const char *text = json_string_value(value);
    bool listed = text && strcmp(text, "listed") == 0;
    if (!text || (!listed && strcmp(text, "all") != 0)) {
        object_add_error(reader, "policy-invalid", where,
                         "The policy for plugins must be \"all\" or \"listed\"");
    }
    environment->is_listed_only = listed;
}

// Leaves *seconds as it is when the value is no age.
static void read_age(struct object_reader *reader, const char *where, const json_t *value,
                     int64_t *seconds) {
    json_int_t given = json_integer_value(value);
    if (!json_is_integer(value) || given < 0 || given > LIMIT_AGE_SECONDS) {
        object_add_error(reader, "policy-invalid", where,
                         "The age must be a whole number of seconds from 0 to %d",
                         LIMIT_AGE_SECONDS);
        return;
    }
    *seconds = given;
}

// object_decode hands the struct over as void *, so each member that needs a check has a function.
static void decode_min_age(struct object_reader *reader, const char *where, const json_t *value,
                           void *target) {
    read_age(reader, where, value, &((struct environment *)target)->min_age_seconds);
}

static void decode_max_snapshot_age(struct object_reader *reader, const char *where,
                                    const json_t *value, void *target) {
    read_age(reader, where, value, &((struct environment *)target)->max_snapshot_age_seconds);
}

static void decode_policy(struct object_reader *reader, const char *where, const json_t *value,
                          void *target) {
    static const struct object_member members[] = {
        {"plugins", MEMBER_CUSTOM, .decode = decode_policy_plugins},
        {"prereleases", MEMBER_FLAG, offsetof(struct environment, prereleases)},
        {"min_age_seconds", MEMBER_CUSTOM, .decode = decode_min_age},
        {"max_snapshot_age_seconds", MEMBER_CUSTOM, .decode = decode_max_snapshot_age},
    };
    object_decode(reader, where, value, members, COUNT_OF(members), target);
}

// ---- permissions ----

static int compare_texts(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

// Sorted and each once: a set, which is searched by environment_knows_permission.
static void decode_permissions(struct object_reader *reader, const char *where, const json_t *value,
                               void *target) {
    struct environment *environment = target;
    size_t index;
    json_t *item;
    if (!object_is(reader, where, value, JSON_ARRAY, LIMIT_LIST_ITEMS)) {
        return;
    }
    const char **items = object_array(reader, json_array_size(value), sizeof *items);
    size_t count = 0;
    json_array_foreach(value, index, item) {
        const char *at = json_pointer_index(reader->arena, where, index);
        const char *text = object_text(reader, at, item, LIMIT_PERMISSION_BYTES, true);
        if (text && !*text) {
            object_add_error(reader, "text-empty", at, "The permission must not be empty");
        } else if (text && items) {
            items[count++] = text;
        }
    }
    if (items) {
        qsort(items, count, sizeof *items, compare_texts);
        environment->permissions = items;
        environment->permission_count = environment_drop_equal(items, count);
        environment->has_permissions = true;
    }
}

// ---- plugins ----

// The state has two members, in any order; both at once must agree. Null or absent leaves the plugin to the
// policy.
static void set_state(struct object_reader *reader, const char *where,
                      enum environment_plugin_state state, struct environment_plugin *plugin) {
    if (plugin->state != PLUGIN_UNSET && plugin->state != state) {
        object_add_error(reader, "state-invalid", where,
                         "The members \"state\" and \"enabled\" contradict each other");
        return;
    }
    plugin->state = state;
}

static void decode_enabled(struct object_reader *reader, const char *where, const json_t *value,
                           void *target) {
    if (object_is(reader, where, value, JSON_TRUE, 0)) {
        set_state(reader, where, json_is_true(value) ? PLUGIN_ENABLED : PLUGIN_DISABLED, target);
    }
}

static void decode_state(struct object_reader *reader, const char *where, const json_t *value,
                         void *target) {
    static const char *const words[] = {
        [PLUGIN_ENABLED] = "enabled", [PLUGIN_DISABLED] = "disabled", [PLUGIN_ALLOWED] = "allowed"};
    const char *text = json_string_value(value);
    enum environment_plugin_state state = PLUGIN_UNSET;
    for (size_t i = PLUGIN_ENABLED; text && i < COUNT_OF(words); i++) {
        state = strcmp(text, words[i]) == 0 ? (enum environment_plugin_state)i : state;
    }
    if (state == PLUGIN_UNSET) {
        object_add_error(reader, "state-invalid", where,
                         "The state must be \"enabled\", \"disabled\" or \"allowed\"");
        return;
    }
    set_state(reader, where, state, target);
}

static void decode_pin(struct object_reader *reader, const char *where, const json_t *value,
                       void *target) {
    ((struct environment_plugin *)target)->pin = environment_read_pin(reader, where, value);
}

static void decode_settings(struct object_reader *reader, const char *where, const json_t *value,
                            void *target) {
    ((struct environment_plugin *)target)->settings =
        environment_read_settings(reader, where, value);
}

static void decode_exceptions(struct object_reader *reader, const char *where, const json_t *value,
                              void *target) {
    struct environment_plugin *plugin = target;
    environment_exceptions_decode(reader, where, value, &plugin->exceptions);
}

// Pointers, not names: a secret may lie anywhere in the settings. It need not be there yet.
static void decode_secret_settings(struct object_reader *reader, const char *where,
                                   const json_t *value, void *target) {
    struct environment_plugin *plugin = target;
    size_t index;
    json_t *item;
    if (!object_is(reader, where, value, JSON_ARRAY, LIMIT_LIST_ITEMS)) {
        return;
    }
    const char **items = object_array(reader, json_array_size(value), sizeof *items);
    size_t count = 0;
    json_array_foreach(value, index, item) {
        const char *at = json_pointer_index(reader->arena, where, index);
        const char *text = object_text(reader, at, item, LIMIT_SHORT_TEXT_BYTES, true);
        if (text && !environment_is_pointer(text)) {
            object_add_error(
                reader, "pointer-invalid", at,
                "A secret setting is named by a JSON pointer such as /database/password");
        } else if (text && items) {
            items[count++] = text;
        }
    }
    if (items && count) {
        qsort(items, count, sizeof *items, compare_texts);
        plugin->secret_settings = (struct strings){items, environment_drop_equal(items, count)};
    }
}

static void decode_entry_points(struct object_reader *reader, const char *where,
                                const json_t *value, void *target) {
    struct environment_plugin *plugin = target;
    environment_entries_decode(reader, where, value, &plugin->entries);
}

// The pins of the entry points may not fit together in one set, however long each may be.
static void combine_pins(struct object_reader *reader, const char *where,
                         struct environment_plugin *plugin) {
    const struct specifier_set *set;
    struct error err;
    plugin->held_to = environment_entries_pin(reader->arena, plugin->pin, &plugin->entries);
    if (!plugin->held_to || plugin->held_to == plugin->pin) {
        return;
    }
    reader->findings->no_memory |= !*plugin->held_to;
    if (specifier_set_parse(reader->arena, text_from(plugin->held_to), &set, &err)) {
        object_add_cause(reader, "pin-invalid", where, &err);
        return;
    }
    plugin->held_to = specifier_set_string(set);
}

static void decode_secrets(struct object_reader *reader, const char *where, const json_t *value,
                           void *target) {
    struct environment_plugin *plugin = target;
    environment_secrets_decode(reader, where, value, &plugin->secrets);
}

static void decode_plugin(struct object_reader *reader, const char *where, const char *package,
                          const json_t *value, struct environment *environment) {
    static const struct object_member members[] = {
        {"enabled", MEMBER_CUSTOM, .decode = decode_enabled},
        {"state", MEMBER_CUSTOM, .decode = decode_state},
        {"pin", MEMBER_CUSTOM, .decode = decode_pin},
        {"settings", MEMBER_CUSTOM, .decode = decode_settings},
        {"secret_settings", MEMBER_CUSTOM, .decode = decode_secret_settings},
        {"secrets", MEMBER_CUSTOM, .decode = decode_secrets},
        {"allow", MEMBER_CUSTOM, .decode = decode_exceptions},
        {"accept_unknown_permissions", MEMBER_FLAG,
         offsetof(struct environment_plugin, accepts_unknown_permissions)},
        {"entry_points", MEMBER_CUSTOM, .decode = decode_entry_points},
    };
    struct environment_plugin *plugin = &environment->plugins[environment->plugin_count];
    struct error err;
    if (name_normalize(reader->arena, text_from(package), &plugin->package, &err)) {
        object_add_cause(reader, "name-invalid", where, &err);
        return;
    }
    environment->plugin_count++;
    object_decode(reader, where, value, members, COUNT_OF(members), plugin);
    combine_pins(reader, where, plugin);
    // A plugin with nothing decided says what the policy says; it is dropped, or equal environments
    // would have different documents.
    bool decided = plugin->state != PLUGIN_UNSET || plugin->pin || plugin->settings ||
                   plugin->secret_settings.count || plugin->secrets.count ||
                   plugin->exceptions.count || plugin->accepts_unknown_permissions ||
                   plugin->entries.count;
    if (!decided) {
        *plugin = (struct environment_plugin){0};
        environment->plugin_count--;
    }
}

static int compare_plugins(const void *left, const void *right) {
    const struct environment_plugin *a = left;
    const struct environment_plugin *b = right;
    return strcmp(a->package, b->package);
}

// After sorting, equal names stand side by side.
static void check_plugins_once(struct object_reader *reader, const char *where,
                               const struct environment *environment) {
    for (size_t i = 1; i < environment->plugin_count; i++) {
        if (compare_plugins(&environment->plugins[i - 1], &environment->plugins[i]) == 0) {
            object_add_error(reader, "name-duplicate",
                             json_pointer(reader->arena, where, environment->plugins[i].package),
                             "The package is named twice, in two spellings");
        }
    }
}

// A patch is decoded like a document, too (environment_patch_check), and null removes a plugin in
// it.
static void decode_plugins(struct object_reader *reader, const char *where, const json_t *value,
                           void *target) {
    struct environment *environment = target;
    const char *package;
    json_t *plugin;
    if (!object_is(reader, where, value, JSON_OBJECT, LIMIT_ENVIRONMENT_PLUGINS)) {
        return;
    }
    environment->plugins =
        object_array(reader, json_object_size(value), sizeof *environment->plugins);
    if (!environment->plugins) {
        return;
    }
    json_object_foreach((json_t *)value, package, plugin) {
        if (!json_is_null(plugin)) {
            decode_plugin(reader, json_pointer(reader->arena, where, package), package, plugin,
                          environment);
        }
    }
    for (size_t i = 0; i < environment->plugin_count; i++) {
        environment->has_entry_rules |= environment->plugins[i].entries.count > 0;
    }
    qsort(environment->plugins, environment->plugin_count, sizeof *environment->plugins,
          compare_plugins);
    check_plugins_once(reader, where, environment);
}

// ---- the whole ----

// Unknown keys are errors: a misspelt "permisions" would otherwise allow everything.
enum status environment_decode(struct arena *arena, const json_t *document,
                               struct findings *findings, struct environment *ret_environment,
                               struct error *err) {
    static const struct object_member members[] = {
        {"description", MEMBER_LINE, offsetof(struct environment, description),
         .max = LIMIT_SHORT_TEXT_BYTES},
        {"facts", MEMBER_CUSTOM, .decode = environment_decode_facts},
        {"policy", MEMBER_CUSTOM, .decode = decode_policy},
        {"permissions", MEMBER_CUSTOM, .decode = decode_permissions},
        {"plugins", MEMBER_CUSTOM, .decode = decode_plugins},
    };
    struct environment environment = {.max_snapshot_age_seconds = DEFAULT_SNAPSHOT_AGE_SECONDS};
    struct object_reader reader = {arena, findings, .unknown_key = SEVERITY_ERROR};
    size_t errors_before = findings->error_count;
    object_decode(&reader, "", document, members, COUNT_OF(members), &environment);
    enum status status = findings_fail(findings, errors_before, err);
    if (status) {
        return status;
    }
    *ret_environment = environment;
    return STATUS_OK;
}

enum status environment_parse(struct arena *arena, struct text text, struct findings *findings,
                              struct environment *ret_environment, struct error *err) {
    scoped(cleanup_json) json_t *document = NULL;
    enum status status = json_parse(text, LIMIT_ENVIRONMENT_BYTES, &document, err);
    return status ? status : environment_decode(arena, document, findings, ret_environment, err);
}
