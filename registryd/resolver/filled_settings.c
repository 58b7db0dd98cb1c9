// SPDX-License-Identifier: MIT
// A group without a schema of settings costs one look-up, and a package without settings of its own gets the defaults
// as they were read with the contract. Only
// where two of the three levels say something are they parsed and merged.
#include "registryd/resolver/filled_settings.h"

#include "schema/environment/environment_secrets.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_schema_defaults.h"

#include <string.h>

// One level over another; either may be NULL. NULL with no_memory set, or when both are NULL.
static const char *lay_over(struct facts *facts, const char *below, const char *above) {
    if (!below || !above) {
        return above ? above : below;
    }
    scoped(cleanup_json) json_t *base = json_loads(below, 0, NULL);
    scoped(cleanup_json) json_t *given = json_loads(above, 0, NULL);
    scoped(cleanup_json) json_t *filled = base && given ? json_schema_fill(base, given) : NULL;
    const char *text = filled ? json_encode_canonical(facts->arena, filled) : NULL;
    facts->no_memory = facts->no_memory || !text;
    return text;
}

// Whose secrets are laid over.
struct secrets_owner {
    const char *package;
    const char *group; // "" = of the package
    const char *name;  // likewise
    const struct environment_secrets *marks;
};

static bool belongs(const struct opened_secret *secret, const struct secrets_owner *owner) {
    return strcmp(secret->package, owner->package) == 0 &&
           strcmp(secret->group, owner->group) == 0 && strcmp(secret->name, owner->name) == 0 &&
           environment_secrets_find(owner->marks, secret->pointer);
}

// The settings with the secrets in their places. Only what the document marks as set counts: a rollback may have put one out
// of use.
static const char *lay_secrets(struct facts *facts, const char *settings,
                               const struct secrets_owner *owner) {
    if (!facts->secrets || !owner->marks->count || facts->no_memory) {
        return settings;
    }
    scoped(cleanup_json) json_t *filled = settings ? json_loads(settings, 0, NULL) : json_object();
    bool is_good = filled;
    for (size_t i = 0; is_good && i < facts->secrets->count; i++) {
        const struct opened_secret *secret = &facts->secrets->items[i];
        is_good = !belongs(secret, owner) ||
                  environment_pointer_put(filled, secret->pointer,
                                          json_loads(secret->value, JSON_DECODE_ANY, NULL));
    }
    const char *text = is_good ? json_encode_canonical(facts->arena, filled) : NULL;
    facts->no_memory = facts->no_memory || !text;
    return text;
}

// What is set for the package, over the defaults of the group.
static const char *fill_package(struct facts *facts, const char *group,
                                const struct environment_plugin *plugin) {
    const char *defaults =
        facts->contracts ? contracts_settings_defaults(facts->contracts, group) : NULL;
    if (!plugin) {
        return defaults;
    }
    const struct secrets_owner owner = {plugin->package, "", "", &plugin->secrets};
    return lay_secrets(facts, lay_over(facts, defaults, plugin->settings), &owner);
}

const char *filled_settings(struct facts *facts, const char *group, const char *name,
                            const struct environment_plugin *plugin) {
    if (!facts->shows_settings) {
        return NULL;
    }
    const char *of_package = fill_package(facts, group, plugin);
    const struct environment_entry *entry =
        plugin && name ? environment_entries_find(&plugin->entries, group, name) : NULL;
    if (!entry || facts->no_memory) {
        return of_package;
    }
    const struct secrets_owner owner = {plugin->package, group, name, &entry->secrets};
    return lay_secrets(facts, lay_over(facts, of_package, entry->settings), &owner);
}
