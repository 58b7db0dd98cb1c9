// SPDX-License-Identifier: MIT
// The settings of one plugin as people read them: what the environment sets over the defaults that the schemas of the
// plugin's groups give, and which of the two each value is. The JSON route and the page show the same.
#pragma once

#include "registryd/candidates/opened_secrets.h"
#include "registryd/request/api.h"
#include "registryd/store/store_environments.h"

// Whose settings.
struct settings_place {
    const char *environment;
    const char *package; // normalised
    const char
        *group; // only the schema of this group counts; NULL = those of all groups of the package
    const char *
        name; // of an entry point in the group, whose own settings count too; NULL = of the package
    int64_t revision;                     // of the environment; 0 = the newest
    const struct opened_secrets *secrets; // that are shown; NULL = none
};

// Everything is in the arena of the request, except for the JSON, which is owned: settings_view_done.
struct settings_view {
    struct environment_row row;      // the environment at that revision
    struct settings_schemas schemas; // that count, by group
    const char *changed_at; // of what the environment decides about the package; NULL = nothing
    const char *changed_by;
    json_t *own;       // what the environment sets for the place: the package, or the entry point
    json_t *below;     // of an entry point: what is set for its package; else NULL
    json_t *defaults;  // what the schemas give
    json_t *effective; // what hosts get; secrets only where they were asked for
    json_t *secrets;   // the marks of the place: {"/api_key": {"set_at", "set_by"}}
};

// Fails with: NOT_FOUND (the environment; the package, or it has no entry point in the group), and as the store.
enum status settings_view_load(struct api *api, struct arena *arena,
                               const struct settings_place *place, struct settings_view *ret_view,
                               struct error *err);

// What hosts get, as text. Arena; NULL when out of memory.
const char *settings_view_text(struct arena *arena, const struct settings_view *view);

void settings_view_done(struct settings_view *view);

// {"/page_size": "default", "/mail/port": "package"}, or "entry-point": where each value comes from. Owned; NULL when out of memory.
json_t *settings_view_origins(struct arena *arena, const struct settings_view *view);
