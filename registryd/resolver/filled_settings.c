// SPDX-License-Identifier: MIT
// A group without a schema of settings costs one look-up, and a package without settings of its own gets the defaults
// as they were read with the contract. Only both together are parsed and merged.
#include "registryd/resolver/filled_settings.h"

#include "schema/json/json.h"
#include "schema/json_schema/json_schema_defaults.h"

const char *filled_settings(struct facts *facts, const char *group,
                            const struct environment_plugin *plugin) {
    const char *own = plugin ? plugin->settings : NULL;
    const char *defaults = facts->shows_settings && facts->contracts
                               ? contracts_settings_defaults(facts->contracts, group)
                               : NULL;
    if (!facts->shows_settings || !defaults || !own) {
        return facts->shows_settings ? (own ? own : defaults) : NULL;
    }
    scoped(cleanup_json) json_t *base = json_loads(defaults, 0, NULL);
    scoped(cleanup_json) json_t *given = json_loads(own, 0, NULL);
    scoped(cleanup_json) json_t *filled = base && given ? json_schema_fill(base, given) : NULL;
    const char *text = filled ? json_encode_canonical(facts->arena, filled) : NULL;
    facts->no_memory = facts->no_memory || !text;
    return text;
}
