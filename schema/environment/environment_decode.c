// SPDX-License-Identifier: MIT
// Environment document -> struct environment: policy, permissions and plugins; the facts are in
// environment_facts.c. Tables say which member is read by what. Faults are collected, so that whoever
// wrote the document sees all of them at once.
#include "schema/environment/environment_parts.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"
#include "schema/packaging/version/specifier.h"
#include "schema/base/list.h"

#include <stdlib.h>
#include <string.h>

void environment_add(struct environment_decoding *decoding, const char *code, const char *where,
                     const char *format, ...) {
    struct error text; // formats within bounds, without memory of its own
    va_list args;
    va_start(args, format);
    fail_v(&text, STATUS_INVALID, NULL, format, args);
    va_end(args);
    findings_add(decoding->findings, SEVERITY_ERROR, code, where, NULL, "%s", text.message);
}

void environment_add_error(struct environment_decoding *decoding, const char *code,
                           const char *where, const struct error *err) {
    if (err->status == STATUS_NO_MEMORY) {
        decoding->findings->no_memory = true;
    } else {
        environment_add(decoding, code, where, "%s", err->message);
    }
}

void *environment_array(struct environment_decoding *decoding, size_t count, size_t size) {
    void *array = arena_array(decoding->arena, count ? count : 1, size);
    decoding->findings->no_memory |= !array;
    return array;
}

static bool is_type(struct environment_decoding *decoding, const char *where, const json_t *value,
                    json_type type, const char *wanted) {
    bool right = json_typeof(value) == type;
    if (!right) {
        environment_add(decoding, "wrong-type", where, "This is %s; it must be %s",
                        json_type_name(value), wanted);
    }
    return right;
}

static bool fits(struct environment_decoding *decoding, const char *where, size_t count,
                 size_t limit) {
    if (count > limit) {
        environment_add(decoding, "too-many-items", where, "%zu items; at most %zu are taken here",
                        count, limit);
    }
    return count <= limit;
}

bool environment_is_object(struct environment_decoding *decoding, const char *where,
                           const json_t *value, size_t limit) {
    return is_type(decoding, where, value, JSON_OBJECT, "an object") &&
           fits(decoding, where, json_object_size(value), limit);
}

bool environment_is_array(struct environment_decoding *decoding, const char *where,
                          const json_t *value, size_t limit) {
    return is_type(decoding, where, value, JSON_ARRAY, "an array") &&
           fits(decoding, where, json_array_size(value), limit);
}

const char *environment_line(struct environment_decoding *decoding, const char *where,
                             const json_t *value, size_t max_bytes) {
    if (!is_type(decoding, where, value, JSON_STRING, "a string")) {
        return NULL;
    }
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);
    if (len > max_bytes) {
        environment_add(decoding, "text-too-long", where, "%zu bytes; at most %zu are taken here",
                        len, max_bytes);
        return NULL;
    }
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
            environment_add(decoding, "control-character", where,
                            "A line break or control character (0x%02x) stands in the text",
                            (unsigned char)text[i]);
            return NULL;
        }
    }
    return text;
}

bool environment_flag(struct environment_decoding *decoding, const char *where,
                      const json_t *value) {
    if (!json_is_boolean(value)) {
        environment_add(decoding, "wrong-type", where, "This is %s; it must be true or false",
                        json_type_name(value));
    }
    return json_is_true(value);
}

size_t environment_drop_equal(const char **items, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!kept || strcmp(items[kept - 1], items[i]) != 0) {
            items[kept++] = items[i];
        }
    }
    return kept;
}

void environment_decode_members(struct environment_decoding *decoding, const char *where,
                                const json_t *object, const struct environment_member *members,
                                size_t count) {
    const char *key;
    json_t *value;
    if (!environment_is_object(decoding, where, object, LIMIT_LIST_ITEMS)) {
        return;
    }
    json_object_foreach((json_t *)object, key, value) {
        const char *at = json_pointer(decoding->arena, where, key);
        size_t i = 0;
        while (i < count && strcmp(members[i].key, key) != 0) {
            i++;
        }
        if (i == count) {
            environment_add(decoding, "unknown-key", at, "\"%s\" is not a known key here", key);
        } else if (!json_is_null(value)) {
            members[i].decode(decoding, at, value);
        }
    }
}

static const char *copy_line(struct environment_decoding *decoding, const char *where,
                             const json_t *value, size_t max_bytes) {
    const char *text = environment_line(decoding, where, value, max_bytes);
    const char *copy = arena_strdup(decoding->arena, text);
    decoding->findings->no_memory |= text && !copy;
    return copy;
}

static void decode_description(struct environment_decoding *decoding, const char *where,
                               const json_t *value) {
    const char *text = copy_line(decoding, where, value, LIMIT_SHORT_TEXT_BYTES);
    decoding->environment->description = text && *text ? text : NULL;
}

// ---- policy ----

static void decode_policy_plugins(struct environment_decoding *decoding, const char *where,
                                  const json_t *value) {
    const char *text = json_string_value(value);
    bool listed = text && strcmp(text, "listed") == 0;
    if (!text || (!listed && strcmp(text, "all") != 0)) {
        environment_add(decoding, "policy-invalid", where,
                        "The policy for plugins is \"all\" or \"listed\"");
    }
    decoding->environment->is_listed_only = listed;
}

static void decode_prereleases(struct environment_decoding *decoding, const char *where,
                               const json_t *value) {
    decoding->environment->prereleases = environment_flag(decoding, where, value);
}

static void decode_min_age(struct environment_decoding *decoding, const char *where,
                           const json_t *value) {
    json_int_t seconds = json_integer_value(value);
    if (!json_is_integer(value) || seconds < 0 || seconds > LIMIT_MIN_AGE_SECONDS) {
        environment_add(decoding, "policy-invalid", where,
                        "The least age of a release is a whole number of seconds, 0 to %d",
                        LIMIT_MIN_AGE_SECONDS);
        return;
    }
    decoding->environment->min_age_seconds = seconds;
}

static void decode_policy(struct environment_decoding *decoding, const char *where,
                          const json_t *value) {
    static const struct environment_member members[] = {
        {"plugins", decode_policy_plugins},
        {"prereleases", decode_prereleases},
        {"min_age_seconds", decode_min_age},
    };
    environment_decode_members(decoding, where, value, members, COUNT_OF(members));
}

// ---- permissions ----

static int compare_texts(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void decode_permissions(struct environment_decoding *decoding, const char *where,
                               const json_t *value) {
    struct environment *environment = decoding->environment;
    size_t index;
    json_t *item;
    if (!environment_is_array(decoding, where, value, LIMIT_LIST_ITEMS)) {
        return;
    }
    const char **items = environment_array(decoding, json_array_size(value), sizeof *items);
    size_t count = 0;
    json_array_foreach(value, index, item) {
        const char *at = json_pointer_index(decoding->arena, where, index);
        const char *text = copy_line(decoding, at, item, LIMIT_PERMISSION_BYTES);
        if (text && !*text) {
            environment_add(decoding, "text-empty", at, "A permission has a name");
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

// The plugin that is being read is the last of the list.
static struct environment_plugin *last_plugin(struct environment_decoding *decoding) {
    return &decoding->environment->plugins[decoding->environment->plugin_count - 1];
}

static void decode_enabled(struct environment_decoding *decoding, const char *where,
                           const json_t *value) {
    last_plugin(decoding)->state =
        environment_flag(decoding, where, value) ? PLUGIN_ENABLED : PLUGIN_DISABLED;
}

static void decode_pin(struct environment_decoding *decoding, const char *where,
                       const json_t *value) {
    const char *text = environment_line(decoding, where, value, LIMIT_SPECIFIER_BYTES);
    const struct specifier_set *set;
    struct error err;
    if (!text) {
        return;
    }
    if (specifier_set_parse(decoding->arena, text_from(text), &set, &err)) {
        environment_add_error(decoding, "pin-invalid", where, &err);
        return;
    }
    const char *pin = specifier_set_string(set);
    last_plugin(decoding)->pin = *pin ? pin : NULL;
}

static void decode_settings(struct environment_decoding *decoding, const char *where,
                            const json_t *value) {
    if (!is_type(decoding, where, value, JSON_OBJECT, "an object") || !json_object_size(value)) {
        return;
    }
    if (json_depth(value) > LIMIT_SETTINGS_DEPTH) {
        environment_add(decoding, "settings-too-deep", where,
                        "The settings nest deeper than %d levels", LIMIT_SETTINGS_DEPTH);
        return;
    }
    const char *text = json_encode_canonical(decoding->arena, value);
    if (!text) {
        decoding->findings->no_memory = true;
    } else if (strlen(text) > LIMIT_SETTINGS_BYTES) {
        environment_add(decoding, "text-too-long", where, "%zu bytes; at most %d are taken here",
                        strlen(text), LIMIT_SETTINGS_BYTES);
    } else {
        last_plugin(decoding)->settings = text;
    }
}

static void decode_plugin(struct environment_decoding *decoding, const char *where,
                          const char *package, const json_t *value) {
    static const struct environment_member members[] = {
        {"enabled", decode_enabled},
        {"pin", decode_pin},
        {"settings", decode_settings},
    };
    struct environment *environment = decoding->environment;
    struct environment_plugin *plugin = &environment->plugins[environment->plugin_count];
    struct error err;
    if (name_normalize(decoding->arena, text_from(package), &plugin->package, &err)) {
        environment_add_error(decoding, "name-invalid", where, &err);
        return;
    }
    environment->plugin_count++;
    environment_decode_members(decoding, where, value, members, COUNT_OF(members));
    bool decided = plugin->state != PLUGIN_UNSET || plugin->pin || plugin->settings;
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

static void check_plugins_once(struct environment_decoding *decoding, const char *where) {
    const struct environment *environment = decoding->environment;
    for (size_t i = 1; i < environment->plugin_count; i++) {
        if (compare_plugins(&environment->plugins[i - 1], &environment->plugins[i]) == 0) {
            environment_add(decoding, "name-duplicate",
                            json_pointer(decoding->arena, where, environment->plugins[i].package),
                            "The package stands twice, in two spellings of its name");
        }
    }
}

static void decode_plugins(struct environment_decoding *decoding, const char *where,
                           const json_t *value) {
    struct environment *environment = decoding->environment;
    const char *package;
    json_t *plugin;
    if (!environment_is_object(decoding, where, value, LIMIT_ENVIRONMENT_PLUGINS)) {
        return;
    }
    environment->plugins =
        environment_array(decoding, json_object_size(value), sizeof *environment->plugins);
    if (!environment->plugins) {
        return;
    }
    json_object_foreach((json_t *)value, package, plugin) {
        if (!json_is_null(plugin)) {
            decode_plugin(decoding, json_pointer(decoding->arena, where, package), package, plugin);
        }
    }
    qsort(environment->plugins, environment->plugin_count, sizeof *environment->plugins,
          compare_plugins);
    check_plugins_once(decoding, where);
}

// ---- the whole ----

enum status environment_decode(struct arena *arena, const json_t *document,
                               struct findings *findings, struct environment *ret_environment,
                               struct error *err) {
    static const struct environment_member members[] = {
        {"description", decode_description}, {"facts", environment_decode_facts},
        {"policy", decode_policy},           {"permissions", decode_permissions},
        {"plugins", decode_plugins},
    };
    struct environment environment = {0};
    struct environment_decoding decoding = {arena, findings, &environment};
    size_t errors_before = findings->error_count;
    environment_decode_members(&decoding, "", document, members, COUNT_OF(members));
    enum status status = findings_fail(findings, errors_before, err);
    if (!status) {
        *ret_environment = environment;
    }
    return status;
}

enum status environment_parse(struct arena *arena, struct text text, struct findings *findings,
                              struct environment *ret_environment, struct error *err) {
    scoped(cleanup_json) json_t *document = NULL;
    enum status status = json_parse(text, LIMIT_ENVIRONMENT_BYTES, &document, err);
    return status ? status : environment_decode(arena, document, findings, ret_environment, err);
}
