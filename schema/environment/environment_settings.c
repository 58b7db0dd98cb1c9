// SPDX-License-Identifier: MIT
// Settings may hold keys and passwords. Who may read settings gets them whole from the document, so that a
// document which is read, changed and written back loses nothing; pages and differences, which are looked at
// and sent on, get marks in the place of what is named secret.
#include "schema/environment/environment_settings.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <stdlib.h>
#include <string.h>

static const char mark_secret[] = "(secret)";
static const char mark_changed[] = "(secret, changed)";

// ---- one value in settings ----

// A place in settings: an object's member, or an item of an array.
struct json_place {
    json_t *parent; // borrowed
    char key[LIMIT_SHORT_TEXT_BYTES + 1];
};

static json_t *child_of(json_t *parent, const char *key) {
    if (json_is_object(parent)) {
        return json_object_get(parent, key);
    }
    char *end;
    size_t index = strtoul(key, &end, 10);
    return json_is_array(parent) && *key && !*end ? json_array_get(parent, index) : NULL;
}

// The value that a pointer names; NULL when there is none.
static json_t *find_value(json_t *settings, const char *pointer, struct json_place *ret_place) {
    json_t *value = settings;
    while (value && json_pointer_next(&pointer, ret_place->key)) {
        ret_place->parent = value;
        value = child_of(value, ret_place->key);
    }
    return *pointer ? NULL : value;
}

static bool set_mark(const struct json_place *place, const char *mark) {
    if (json_is_object(place->parent)) {
        return json_object_set_new(place->parent, place->key, json_string(mark)) == 0;
    }
    return json_array_set_new(place->parent, strtoul(place->key, NULL, 10), json_string(mark)) == 0;
}

// ---- two sides ----

// Masks one pointer in both; either side may be NULL.
static bool mask_pointer(json_t *before, json_t *after, const char *pointer) {
    struct json_place old_place;
    struct json_place new_place;
    if (strlen(pointer) > LIMIT_SHORT_TEXT_BYTES) {
        return true;
    }
    json_t *old_value = before ? find_value(before, pointer, &old_place) : NULL;
    json_t *new_value = after ? find_value(after, pointer, &new_place) : NULL;
    bool is_changed = old_value && new_value && !json_equal(old_value, new_value);
    return (!old_value || set_mark(&old_place, mark_secret)) &&
           (!new_value || set_mark(&new_place, is_changed ? mark_changed : mark_secret));
}

static bool mask_pointers(json_t *before, json_t *after, const json_t *pointers) {
    size_t index;
    const json_t *item;
    bool is_good = true;
    json_array_foreach(pointers, index, item) {
        const char *pointer = json_string_value(item);
        is_good = is_good && (!pointer || mask_pointer(before, after, pointer));
    }
    return is_good;
}

static json_t *settings_of(const json_t *plugin) {
    return json_object_get(plugin, "settings");
}

// What is done to two sides of the settings of a package or an entry point. Either side may be NULL.
typedef bool settings_change(json_t *before, json_t *after, const json_t *pointers);

static bool mask_settings(json_t *before, json_t *after, const json_t *pointers) {
    return mask_pointers(settings_of(before), settings_of(after), pointers);
}

// The pointers do not count: nothing is shown.
static bool hide_settings(json_t *before, json_t *after, const json_t *pointers) {
    (void)pointers;
    bool is_changed = settings_of(before) && settings_of(after) &&
                      !json_equal(settings_of(before), settings_of(after));
    const char *mark = is_changed ? mark_changed : mark_secret;
    json_object_del(before, "secrets");
    json_object_del(after, "secrets");
    bool is_good =
        !settings_of(after) || json_object_set_new(after, "settings", json_string(mark)) == 0;
    return is_good && (!settings_of(before) ||
                       json_object_set_new(before, "settings", json_string(mark_secret)) == 0);
}

static json_t *entry_of(const json_t *plugin, const char *group, const char *name) {
    return json_object_get(json_object_get(json_object_get(plugin, "entry_points"), group), name);
}

// Every entry point of `plugin`, with its counterpart in `other`; those that both have only when `takes_both`.
static bool change_entries(json_t *plugin, json_t *other, bool takes_both, settings_change *change,
                           const json_t *pointers) {
    const char *group;
    const char *name;
    json_t *names;
    json_t *entry;
    bool is_good = true;
    json_object_foreach(json_object_get(plugin, "entry_points"), group, names) {
        json_object_foreach(names, name, entry) {
            json_t *counterpart = entry_of(other, group, name);
            if (takes_both) {
                is_good = is_good && change(counterpart, entry, pointers);
            } else if (!counterpart) {
                is_good = is_good && change(entry, NULL, pointers);
            }
        }
    }
    return is_good;
}

static bool change_plugin(json_t *before, json_t *after, settings_change *change,
                          const json_t *pointers) {
    return change(before, after, pointers) &&
           change_entries(after, before, true, change, pointers) &&
           change_entries(before, after, false, change, pointers);
}

// A secret of either side is one of both: a value must not show because it was named secret later.
static bool mask_plugin(json_t *before, json_t *after) {
    return change_plugin(before, after, mask_settings,
                         json_object_get(before, "secret_settings")) &&
           change_plugin(before, after, mask_settings, json_object_get(after, "secret_settings"));
}

static bool hide_plugin(json_t *before, json_t *after) {
    return change_plugin(before, after, hide_settings, NULL);
}

bool environment_mask_both(json_t *before, json_t *after, bool may_read) {
    json_t *old_plugins = json_object_get(before, "plugins");
    json_t *new_plugins = json_object_get(after, "plugins");
    const char *package;
    json_t *plugin;
    bool is_good = true;
    json_object_foreach(new_plugins, package, plugin) {
        json_t *old = json_object_get(old_plugins, package);
        is_good = is_good && (may_read ? mask_plugin(old, plugin) : hide_plugin(old, plugin));
    }
    json_object_foreach(old_plugins, package, plugin) {
        if (!json_object_get(new_plugins, package)) {
            is_good = is_good && (may_read ? mask_plugin(plugin, NULL) : hide_plugin(plugin, NULL));
        }
    }
    return is_good;
}

// ---- one document ----

static bool leave_out_of_entries(json_t *plugin) {
    const char *group;
    const char *name;
    json_t *names;
    json_t *entry;
    bool had_any = false;
    json_object_foreach(json_object_get(plugin, "entry_points"), group, names) {
        json_object_foreach(names, name, entry) {
            had_any = json_object_del(entry, "settings") == 0 || had_any;
            had_any = json_object_del(entry, "secrets") == 0 || had_any;
        }
    }
    return had_any;
}

bool environment_leave_out_settings(json_t *document) {
    const char *package;
    json_t *plugin;
    bool had_any = false;
    json_object_foreach(json_object_get(document, "plugins"), package, plugin) {
        had_any = json_object_del(plugin, "settings") == 0 || had_any;
        had_any = json_object_del(plugin, "secrets") == 0 || had_any;
        had_any = leave_out_of_entries(plugin) || had_any;
    }
    return had_any;
}

bool environment_mask_secrets(json_t *document) {
    return environment_mask_both(NULL, document, true);
}

const char *environment_masked_settings(struct arena *arena,
                                        const struct environment_plugin *plugin) {
    scoped(cleanup_json) json_t *settings =
        json_loads(plugin->settings, JSON_REJECT_DUPLICATES, NULL);
    bool is_good = settings;
    for (size_t i = 0; i < plugin->secret_settings.count && is_good; i++) {
        is_good = mask_pointer(NULL, settings, plugin->secret_settings.items[i]);
    }
    return is_good ? json_encode_canonical(arena, settings) : NULL;
}
