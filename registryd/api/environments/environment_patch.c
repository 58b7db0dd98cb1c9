// SPDX-License-Identifier: MIT
// Names of packages and of marker variables have several spellings; documents have one. A patch is brought to that
// spelling before it is merged, so that null removes what was meant and two spellings of a name are refused
// instead of one winning by accident.
#include "registryd/api/environments/environment_patch.h"

#include "schema/json/json.h"
#include "schema/packaging/requirement/marker.h"
#include "schema/packaging/name.h"
#include "schema/base/list.h"

#include <string.h>

typedef const char *key_speller(struct arena *arena, const char *key);

// A key that is no name stays as it was sent: the decoder refuses it with its place, in the
// spelling that the caller knows.
static const char *spell_package(struct arena *arena, const char *key) {
    const char *normal = NULL;
    struct error err;
    enum status status = name_normalize(arena, text_from(key), &normal, &err);
    return status == STATUS_NO_MEMORY ? NULL : status ? key : normal;
}

static const char *spell_marker(struct arena *arena, const char *key) {
    enum marker_variable variable;
    (void)arena;
    return marker_variable_find(text_from(key), &variable) ? marker_variable_name(variable) : key;
}

// Where keys of a document are names, and how each is spelled.
static const struct {
    const char *outer; // NULL: at the top
    const char *key;
    key_speller *spell;
} places[] = {
    {NULL, "plugins", spell_package},
    {"facts", "have", spell_package},
    {"facts", "markers", spell_marker},
};

// Two spellings of one name in a patch contradict each other.
static enum status add_spelled(json_t *spelled, const char *key, json_t *value, const char *where,
                               struct findings *findings) {
    if (json_object_get(spelled, key)) {
        findings_add(findings, SEVERITY_ERROR, "name-duplicate", where, NULL,
                     "\"%s\" is given twice, in two spellings", key);
        return STATUS_INVALID;
    }
    return json_object_set(spelled, key, value) ? STATUS_NO_MEMORY : STATUS_OK;
}

// The members of object->key under their one spelling.
static enum status respell(struct arena *arena, json_t *object, const char *key, key_speller *spell,
                           struct findings *findings) {
    const json_t *members = json_object_get(object, key);
    scoped(cleanup_json) json_t *spelled = json_object();
    const char *name;
    json_t *value;
    if (!json_is_object(members)) {
        return STATUS_OK; // what it must be, the decoder says
    }
    json_object_foreach((json_t *)members, name, value) {
        const char *normal = spell(arena, name);
        enum status status =
            normal ? add_spelled(spelled, normal, value, json_pointer(arena, "", key), findings)
                   : STATUS_NO_MEMORY;
        if (status == STATUS_NO_MEMORY) {
            return status;
        }
    }
    // The members of the sent object are replaced by those in their one spelling.
    return json_object_set(object, key, spelled) ? STATUS_NO_MEMORY : STATUS_OK;
}

// The state of a plugin has two members, and a document one of them. A patch that sets one sets the other to
// null, so that the merge leaves the state that was sent. What is no state stays: the decoder refuses it.
static enum status respell_state(json_t *plugin) {
    json_t *state = json_object_get(plugin, "state");
    const json_t *enabled = json_object_get(plugin, "enabled");
    const char *word = json_string_value(state);
    int failed = 0;
    if (state && !enabled) {
        bool is_flag = word && (strcmp(word, "enabled") == 0 || strcmp(word, "disabled") == 0);
        json_t *flag = is_flag ? json_boolean(strcmp(word, "enabled") == 0) : json_null();
        failed = json_object_set_new(plugin, "enabled", flag);
        failed = failed || (is_flag && json_object_set_new(plugin, "state", json_null()));
    } else if (enabled && !state) {
        failed = json_object_set_new(plugin, "state", json_null());
    }
    return failed ? STATUS_NO_MEMORY : STATUS_OK;
}

static enum status respell_states(const json_t *body) {
    const char *package;
    json_t *plugin;
    json_object_foreach(json_object_get(body, "plugins"), package, plugin) {
        enum status status = respell_state(plugin);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// Decoding the patch as if it were a document finds unknown keys and wrong types. The result is
// thrown away: a patch is no environment, and null means "remove" in it.
enum status environment_patch_check(struct arena *arena, json_t **body, struct findings *findings,
                                    struct error *err) {
    size_t errors_before = findings->error_count;
    struct environment ignored;
    for (size_t i = 0; json_is_object(*body) && i < COUNT_OF(places); i++) {
        json_t *object = places[i].outer ? json_object_get(*body, places[i].outer) : *body;
        if (json_is_object(object) &&
            respell(arena, object, places[i].key, places[i].spell, findings)) {
            return fail_no_memory(err);
        }
    }
    enum status status = findings_fail(findings, errors_before, err);
    if (status) {
        return status;
    }
    // Before its state has one spelling, so that a contradiction in the patch itself is seen.
    status = environment_decode(arena, *body, findings, &ignored, err);
    if (status) {
        return status;
    }
    return respell_states(*body) ? fail_no_memory(err) : STATUS_OK;
}

// `where` without the pointer it begins with.
static const char *without(const char *where, const char *prefix) {
    size_t len = strlen(prefix);
    bool begins = where && strncmp(where, prefix, len) == 0 && (!where[len] || where[len] == '/');
    return begins ? where + len : where;
}

void environment_patch_strip(const char *prefix, struct findings *findings, struct error *err) {
    for (size_t i = 0; i < findings->count; i++) {
        findings->items[i].where = without(findings->items[i].where, prefix);
    }
    const char *where = without(err->where, prefix);
    memmove(err->where, where, strlen(where) + 1);
}

// The route of one plugin wraps its body in {"plugins": {NAME: ...}}. Its caller did not write
// these keys, so "/plugins/crm/pin" becomes "/pin" again, and an unknown package is a 404 of the
// address.
enum status environment_patch_localize(struct arena *arena, const char *package,
                                       struct findings *findings, enum status status,
                                       struct error *err) {
    if (status != STATUS_INVALID || !package) {
        return status;
    }
    const char *prefix = json_pointer(arena, "/plugins", package);
    bool is_unknown = false;
    for (size_t i = 0; i < findings->count; i++) {
        is_unknown = is_unknown || strcmp(findings->items[i].code, "package-unknown") == 0;
    }
    environment_patch_strip(prefix, findings, err);
    return is_unknown ? fail(err, STATUS_NOT_FOUND, NULL, "There is no package \"%s\".", package)
                      : status;
}
