// SPDX-License-Identifier: MIT
// A group without a schema of settings costs one look-up, and a package without settings of its own gets the defaults
// as they were read with the contract. Only
// where two of the three levels say something are they parsed and merged.
#include "registryd/resolver/filled_settings.h"

#include "schema/json/json.h"
#include "schema/json_schema/json_schema_defaults.h"

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

const char *filled_settings(struct facts *facts, const char *group, const char *name,
                            const struct environment_plugin *plugin) {
    if (!facts->shows_settings) {
        return NULL;
    }
    const char *defaults =
        facts->contracts ? contracts_settings_defaults(facts->contracts, group) : NULL;
    const struct environment_entry *entry =
        plugin && name ? environment_entries_find(&plugin->entries, group, name) : NULL;
    const char *of_package = lay_over(facts, defaults, plugin ? plugin->settings : NULL);
    return entry && entry->settings && !facts->no_memory
               ? lay_over(facts, of_package, entry->settings)
               : of_package;
}
