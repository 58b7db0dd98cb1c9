// SPDX-License-Identifier: MIT
// Marks and seats. A pointer leads through objects alone: an array with a secret in it is one secret, because items have
// no lasting places.
#include "schema/environment/environment_secrets.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/environment/environment_values.h"
#include "schema/json/json.h"

#include <stdlib.h>
#include <string.h>

// ---- marks ----

static int compare_secrets(const void *left, const void *right) {
    return strcmp(((const struct environment_secret *)left)->pointer,
                  ((const struct environment_secret *)right)->pointer);
}

const struct environment_secret *environment_secrets_find(const struct environment_secrets *secrets,
                                                          const char *pointer) {
    const struct environment_secret wanted = {.pointer = pointer};
    return secrets->count
               ? bsearch(&wanted, secrets->items, secrets->count, sizeof wanted, compare_secrets)
               : NULL;
}

bool environment_secrets_same(const struct environment_secrets *a,
                              const struct environment_secrets *b) {
    bool is_same = a->count == b->count;
    for (size_t i = 0; is_same && i < a->count; i++) {
        is_same = strcmp(a->items[i].pointer, b->items[i].pointer) == 0 &&
                  strcmp(a->items[i].set_at, b->items[i].set_at) == 0 &&
                  strcmp(a->items[i].set_by, b->items[i].set_by) == 0;
    }
    return is_same;
}

static void decode_mark(struct object_reader *reader, const char *where, const json_t *value,
                        struct environment_secret *secret) {
    static const struct object_member members[] = {
        {"set_at", MEMBER_LINE, offsetof(struct environment_secret, set_at),
         .max = LIMIT_SHORT_TEXT_BYTES},
        {"set_by", MEMBER_LINE, offsetof(struct environment_secret, set_by),
         .max = LIMIT_SHORT_TEXT_BYTES},
    };
    object_decode(reader, where, value, members, COUNT_OF(members), secret);
    secret->set_at = secret->set_at ? secret->set_at : "";
    secret->set_by = secret->set_by ? secret->set_by : "";
}

void environment_secrets_decode(struct object_reader *reader, const char *where,
                                const json_t *value, void *target) {
    struct environment_secrets *secrets = target;
    const char *pointer;
    json_t *mark;
    if (!object_is(reader, where, value, JSON_OBJECT, LIMIT_LIST_ITEMS)) {
        return;
    }
    secrets->items = object_array(reader, json_object_size(value), sizeof *secrets->items);
    json_object_foreach((json_t *)value, pointer, mark) {
        const char *at = json_pointer(reader->arena, where, pointer);
        if (!secrets->items || json_is_null(mark)) {
            continue;
        }
        if (!environment_is_pointer(pointer) || strlen(pointer) > LIMIT_SHORT_TEXT_BYTES) {
            object_add_error(reader, "pointer-invalid", at,
                             "A secret is named by a JSON pointer such as /database/password");
            continue;
        }
        struct environment_secret *secret = &secrets->items[secrets->count++];
        secret->pointer = arena_strdup(reader->arena, pointer);
        reader->findings->no_memory |= !secret->pointer;
        decode_mark(reader, at, mark, secret);
    }
    if (secrets->count > 1 && !reader->findings->no_memory) {
        qsort(secrets->items, secrets->count, sizeof *secrets->items, compare_secrets);
    }
}

json_t *environment_secrets_encode(const struct environment_secrets *secrets) {
    scoped(cleanup_json) json_t *object = json_object();
    for (size_t i = 0; object && i < secrets->count; i++) {
        const struct environment_secret *secret = &secrets->items[i];
        json_t *mark = json_pack("{s:s,s:s}", "set_at", secret->set_at, "set_by", secret->set_by);
        if (json_object_set_new(object, secret->pointer, mark)) {
            return NULL;
        }
    }
    return take(object);
}

// ---- places in settings ----

json_t *environment_pointer_get(const json_t *settings, const char *pointer) {
    char key[LIMIT_SHORT_TEXT_BYTES + 1] = "";
    json_t *value = (json_t *)settings;
    if (strlen(pointer) > LIMIT_SHORT_TEXT_BYTES) {
        return NULL;
    }
    while (value && json_pointer_next(&pointer, key)) {
        value = json_object_get(value, key);
    }
    return value;
}

bool environment_pointer_put(json_t *settings, const char *pointer, json_t *value) {
    scoped(cleanup_json) json_t *owned = value;
    char key[LIMIT_SHORT_TEXT_BYTES + 1] = "";
    json_t *object = settings;
    if (!owned || strlen(pointer) > LIMIT_SHORT_TEXT_BYTES) {
        return owned;
    }
    while (json_pointer_next(&pointer, key) && *pointer) {
        json_t *inner = json_object_get(object, key);
        if (!inner && json_object_set_new(object, key, json_object())) {
            return false;
        }
        object = json_object_get(object, key);
        if (!json_is_object(object)) {
            return true;
        }
    }
    return json_object_set(object, key, owned) == 0;
}

void environment_pointer_take(json_t *settings, const char *pointer) {
    char key[LIMIT_SHORT_TEXT_BYTES + 1] = "";
    json_t *object = settings;
    if (strlen(pointer) > LIMIT_SHORT_TEXT_BYTES) {
        return;
    }
    while (object && json_pointer_next(&pointer, key) && *pointer) {
        object = json_object_get(object, key);
    }
    json_object_del(object, key);
}

// ---- documents ----

static bool visit_entries(const char *package, const json_t *plugin, settings_visit *visit,
                          void *context) {
    const char *group;
    const char *name;
    json_t *names;
    json_t *entry;
    json_object_foreach(json_object_get(plugin, "entry_points"), group, names) {
        json_object_foreach(names, name, entry) {
            const struct settings_holder holder = {package, group, name, entry};
            if (json_is_object(entry) && !visit(context, &holder)) {
                return false;
            }
        }
    }
    return true;
}

bool environment_visit_holders(json_t *document, settings_visit *visit, void *context) {
    const char *package;
    json_t *plugin;
    json_object_foreach(json_object_get(document, "plugins"), package, plugin) {
        const struct settings_holder holder = {package, "", "", plugin};
        if (json_is_object(plugin) &&
            (!visit(context, &holder) || !visit_entries(package, plugin, visit, context))) {
            return false;
        }
    }
    return true;
}

json_t *environment_find_holder(const json_t *document, const struct settings_holder *holder) {
    json_t *plugin = json_object_get(json_object_get(document, "plugins"), holder->package);
    if (!*holder->name) {
        return plugin;
    }
    json_t *names = json_object_get(json_object_get(plugin, "entry_points"), holder->group);
    return json_object_get(names, holder->name);
}

static bool seat_holder(void *context, const struct settings_holder *holder) {
    const char *seat = context;
    const json_t *secrets = json_object_get(holder->json, "secrets");
    const char *pointer;
    json_t *mark;
    json_t *settings = json_object_get(holder->json, "settings");
    if (json_is_object(secrets) && json_object_size(secrets) && !json_is_object(settings)) {
        if (json_object_set_new(holder->json, "settings", json_object())) {
            return false;
        }
        settings = json_object_get(holder->json, "settings");
    }
    json_object_foreach((json_t *)secrets, pointer, mark) {
        bool is_free = !environment_pointer_get(settings, pointer) && !json_is_null(mark);
        if (is_free && !environment_pointer_put(settings, pointer, json_string(seat))) {
            return false;
        }
    }
    return true;
}

bool environment_seat_secrets(json_t *document, const char *seat) {
    return environment_visit_holders(document, seat_holder, (void *)seat);
}
