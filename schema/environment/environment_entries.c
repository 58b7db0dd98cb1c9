// SPDX-License-Identifier: MIT
// Rules for single entry points: {GROUP: {NAME: {"state", "pin", "settings", "deprecated"}}}. A rule without
// members says nothing and is dropped, so that equal environments keep equal documents. Values are read by
// the same functions as those of a package.
#include "schema/environment/environment_entries.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/environment/environment_values.h"
#include "schema/json/json.h"
#include "schema/packaging/entry_place.h"
#include "schema/packaging/entry_point.h"

#include <stdlib.h>
#include <string.h>

// ---- look-up ----

static int compare_entries(const void *left, const void *right) {
    const struct environment_entry *a = left;
    const struct environment_entry *b = right;
    int order = strcmp(a->group, b->group);
    return order ? order : strcmp(a->name, b->name);
}

const struct environment_entry *environment_entries_find(const struct environment_entries *entries,
                                                         const char *group, const char *name) {
    struct environment_entry wanted = {.group = group, .name = name};
    return entries->count
               ? bsearch(&wanted, entries->items, entries->count, sizeof wanted, compare_entries)
               : NULL;
}

bool environment_entries_have(const struct environment_entries *entries,
                              enum environment_plugin_state state) {
    for (size_t i = 0; i < entries->count; i++) {
        if (entries->items[i].state == state) {
            return true;
        }
    }
    return false;
}

enum environment_plugin_state environment_entry_state(enum environment_plugin_state state,
                                                      const struct environment_entry *entry) {
    return entry && entry->state != PLUGIN_UNSET ? entry->state : state;
}

static bool is_same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool environment_entry_same(const struct environment_entry *a, const struct environment_entry *b) {
    static const struct environment_entry none;
    a = a ? a : &none;
    b = b ? b : &none;
    return a->state == b->state && is_same_text(a->pin, b->pin) &&
           is_same_text(a->settings, b->settings) &&
           environment_secrets_same(&a->secrets, &b->secrets) &&
           is_same_text(a->deprecated, b->deprecated) && is_same_text(a->successor, b->successor);
}

// Whether an entry point before this one, or the package, has the same pin.
static bool is_pin_known(const char *pin, const struct environment_entries *entries, size_t at) {
    bool is_known = is_same_text(pin, entries->items[at].pin);
    for (size_t i = 0; i < at && !is_known; i++) {
        const struct environment_entry *entry = &entries->items[i];
        is_known =
            entry->state != PLUGIN_DISABLED && is_same_text(entry->pin, entries->items[at].pin);
    }
    return is_known;
}

// A specifier set is a conjunction, so all pins together are one set.
const char *environment_entries_pin(struct arena *arena, const char *pin,
                                    const struct environment_entries *entries) {
    const char *all = pin;
    // Behind the limit more pins would only take memory: the set is refused already.
    for (size_t i = 0; i < entries->count; i++) {
        if (all && (!*all || strlen(all) > LIMIT_SPECIFIER_BYTES)) {
            return all;
        }
        const struct environment_entry *entry = &entries->items[i];
        if (entry->pin && entry->state != PLUGIN_DISABLED && !is_pin_known(pin, entries, i)) {
            all = all ? arena_printf(arena, "%s,%s", all, entry->pin) : entry->pin;
            all = all ? all : "";
        }
    }
    return all;
}

// ---- decoding ----

static void decode_state(struct object_reader *reader, const char *where, const json_t *value,
                         void *target) {
    struct environment_entry *entry = target;
    const char *text = json_string_value(value);
    bool is_enabled = text && strcmp(text, "enabled") == 0;
    if (!text || (!is_enabled && strcmp(text, "disabled") != 0)) {
        object_add_error(reader, "state-invalid", where,
                         "The state of an entry point must be \"enabled\" or \"disabled\"");
        return;
    }
    entry->state = is_enabled ? PLUGIN_ENABLED : PLUGIN_DISABLED;
}

static void decode_pin(struct object_reader *reader, const char *where, const json_t *value,
                       void *target) {
    ((struct environment_entry *)target)->pin = environment_read_pin(reader, where, value);
}

static void decode_settings(struct object_reader *reader, const char *where, const json_t *value,
                            void *target) {
    ((struct environment_entry *)target)->settings =
        environment_read_settings(reader, where, value);
}

static void decode_secrets(struct object_reader *reader, const char *where, const json_t *value,
                           void *target) {
    environment_secrets_decode(reader, where, value,
                               &((struct environment_entry *)target)->secrets);
}

static void decode_successor(struct object_reader *reader, const char *where, const json_t *value,
                             void *target) {
    struct environment_entry *entry = target;
    const char *text = object_text(reader, where, value, LIMIT_SHORT_TEXT_BYTES, true);
    struct entry_place place;
    struct error err;
    if (!text || !*text) {
        return;
    }
    if (entry_place_parse(reader->arena, text_from(text), &place, &err)) {
        object_add_cause(reader, "successor-invalid", where, &err);
        return;
    }
    entry->successor = place.text;
}

static void decode_deprecated(struct object_reader *reader, const char *where, const json_t *value,
                              void *target) {
    static const struct object_member members[] = {
        {"message", MEMBER_LINE, offsetof(struct environment_entry, deprecated), .required = true,
         .max = LIMIT_SHORT_TEXT_BYTES},
        {"successor", MEMBER_CUSTOM, .decode = decode_successor},
    };
    object_decode(reader, where, value, members, COUNT_OF(members), target);
}

static bool is_checked(struct object_reader *reader, const char *where, enum status status,
                       const struct error *err) {
    if (status) {
        object_add_cause(reader, "name-invalid", where, err);
    }
    return !status;
}

static void decode_entry(struct object_reader *reader, const char *where, const char *name,
                         const json_t *value, struct environment_entry *entry) {
    static const struct object_member members[] = {
        {"state", MEMBER_CUSTOM, .decode = decode_state},
        {"pin", MEMBER_CUSTOM, .decode = decode_pin},
        {"settings", MEMBER_CUSTOM, .decode = decode_settings},
        {"secrets", MEMBER_CUSTOM, .decode = decode_secrets},
        {"deprecated", MEMBER_CUSTOM, .decode = decode_deprecated},
    };
    struct error err;
    if (is_checked(reader, where, entry_point_name_check(text_from(name), &err), &err)) {
        entry->name = arena_strdup(reader->arena, name);
        reader->findings->no_memory |= !entry->name;
        object_decode(reader, where, value, members, COUNT_OF(members), entry);
    }
}

static void decode_group(struct object_reader *reader, const char *where, const char *group,
                         const json_t *value, struct environment_entries *entries) {
    const char *name;
    json_t *item;
    struct error err;
    if (!is_checked(reader, where, entry_point_group_check(text_from(group), &err), &err) ||
        !object_is(reader, where, value, JSON_OBJECT, LIMIT_ENTRY_POINTS)) {
        return;
    }
    const char *kept = arena_strdup(reader->arena, group);
    reader->findings->no_memory |= !kept;
    json_object_foreach((json_t *)value, name, item) {
        struct environment_entry entry = {.group = kept};
        if (json_is_null(item)) {
            continue;
        }
        decode_entry(reader, json_pointer(reader->arena, where, name), name, item, &entry);
        bool is_empty = environment_entry_same(&entry, NULL);
        if (kept && entry.name && !is_empty) {
            entries->items[entries->count++] = entry;
        }
    }
}

// The members of all members, which bounds the list and says how large to make it.
static size_t count_names(const json_t *value) {
    size_t count = 0;
    const char *group;
    json_t *names;
    json_object_foreach((json_t *)value, group, names) {
        count += json_object_size(names);
    }
    return count;
}

// {"acme.plugins": {"mail": {"state": "disabled"}}}; null takes out a rule or a group of them, so that a merge
// patch can.
void environment_entries_decode(struct object_reader *reader, const char *where,
                                const json_t *value, void *target) {
    struct environment_entries *entries = target;
    const char *group;
    json_t *names;
    if (!object_is(reader, where, value, JSON_OBJECT, LIMIT_ENTRY_POINTS)) {
        return;
    }
    size_t count = count_names(value);
    if (count > LIMIT_ENTRY_POINTS) {
        object_add_error(reader, "too-many-items", where,
                         "%zu entry points have rules. At most %d are allowed.", count,
                         LIMIT_ENTRY_POINTS);
        return;
    }
    entries->items = object_array(reader, count, sizeof *entries->items);
    json_object_foreach((json_t *)value, group, names) {
        if (entries->items && !json_is_null(names)) {
            decode_group(reader, json_pointer(reader->arena, where, group), group, names, entries);
        }
    }
    if (entries->count > 1) {
        qsort(entries->items, entries->count, sizeof *entries->items, compare_entries);
    }
}

// ---- encoding ----

static json_t *encode_entry(const struct environment_entry *entry) {
    scoped(cleanup_json) json_t *object = json_object();
    const char *state = entry->state == PLUGIN_ENABLED    ? "enabled"
                        : entry->state == PLUGIN_DISABLED ? "disabled"
                                                          : NULL;
    bool failed =
        !object || (state && json_object_set_new(object, "state", json_string(state))) ||
        (entry->pin && json_object_set_new(object, "pin", json_string(entry->pin))) ||
        (entry->settings &&
         json_object_set_new(object, "settings",
                             json_loads(entry->settings, JSON_REJECT_DUPLICATES, NULL))) ||
        (entry->secrets.count &&
         json_object_set_new(object, "secrets", environment_secrets_encode(&entry->secrets))) ||
        (entry->deprecated &&
         json_object_set_new(
             object, "deprecated",
             json_pack("{s:s,s:s*}", "message", entry->deprecated, "successor", entry->successor)));
    return failed ? NULL : take(object);
}

// The object of a group, made when its first entry point comes. Borrowed; NULL when out of memory.
static json_t *group_object(json_t *groups, const char *group) {
    json_t *names = json_object_get(groups, group);
    return names                                                    ? names
           : json_object_set_new(groups, group, json_object()) == 0 ? json_object_get(groups, group)
                                                                    : NULL;
}

json_t *environment_entries_encode(const struct environment_entries *entries) {
    scoped(cleanup_json) json_t *groups = json_object();
    for (size_t i = 0; groups && i < entries->count; i++) {
        const struct environment_entry *entry = &entries->items[i];
        json_t *names = group_object(groups, entry->group);
        if (!names || json_object_set_new(names, entry->name, encode_entry(entry))) {
            return NULL;
        }
    }
    return take(groups);
}
