// SPDX-License-Identifier: MIT
// A host asks about one group and gets the defaults of that group. A person asks about a package, which may have entry
// points in several groups: then the defaults of all are laid one under the other, the first group by name uppermost.
#include "registryd/api/settings/settings_view.h"

#include "schema/json/json.h"
#include "schema/json_schema/json_schema_defaults.h"

#include <string.h>

void settings_view_done(struct settings_view *view) {
    json_decref(view->own);
    json_decref(view->defaults);
    json_decref(view->effective);
}

static enum status require_package(struct api *api, struct arena *arena, const char *package,
                                   struct error *err) {
    const struct strings asked = {&package, 1};
    struct strings known;
    enum status status = store_packages_known(api->store, arena, &asked, &known, err);
    if (status) {
        return status;
    }
    return known.count ? STATUS_OK
                       : fail(err, STATUS_NOT_FOUND, NULL, "There is no package \"%s\".", package);
}

// The schemas of the package; with a group, of that group alone.
static enum status load_schemas(struct api *api, struct arena *arena,
                                const struct settings_place *place, struct settings_view *view,
                                struct error *err) {
    const struct strings asked = {(const char **)&place->package, 1};
    struct settings_schemas *schemas = &view->schemas;
    enum status status = store_settings_schemas_load(api->store, arena, &asked, schemas, err);
    size_t kept = 0;
    for (size_t i = 0; !status && i < schemas->count; i++) {
        if (!place->group || strcmp(schemas->items[i].group, place->group) == 0) {
            schemas->items[kept++] = schemas->items[i];
        }
    }
    schemas->count = kept;
    return status;
}

static bool fill_defaults(struct settings_view *view) {
    view->defaults = json_object();
    for (size_t i = view->schemas.count; view->defaults && i > 0; i--) {
        scoped(cleanup_json) json_t *document =
            json_loads(view->schemas.items[i - 1].text, JSON_DECODE_ANY, NULL);
        scoped(cleanup_json) json_t *upper = document ? json_schema_defaults(document) : NULL;
        json_t *filled = upper ? json_schema_fill(view->defaults, upper) : NULL;
        json_decref(view->defaults);
        view->defaults = filled;
    }
    return view->defaults;
}

static bool fill(struct settings_view *view, const struct environment_plugin *plugin) {
    const char *own = plugin && plugin->settings ? plugin->settings : "{}";
    view->own = json_loads(own, JSON_REJECT_DUPLICATES, NULL);
    view->effective =
        view->own && fill_defaults(view) ? json_schema_fill(view->defaults, view->own) : NULL;
    return view->effective;
}

static enum status load_mark(struct api *api, struct arena *arena,
                             const struct settings_place *place, struct settings_view *view,
                             struct error *err) {
    struct environment_marks marks = {0};
    enum status status =
        store_environment_marks_load(api->store, arena, place->environment, &marks, err);
    for (size_t i = 0; i < marks.count; i++) {
        if (strcmp(marks.items[i].package, place->package) == 0) {
            view->changed_at = marks.items[i].since;
            view->changed_by = marks.items[i].by;
        }
    }
    return status;
}

enum status settings_view_load(struct api *api, struct arena *arena,
                               const struct settings_place *place, struct settings_view *ret_view,
                               struct error *err) {
    scoped(settings_view_done) struct settings_view view = {0};
    struct environment_detail detail;
    enum status status = store_environment_load(api->store, arena, place->environment,
                                                place->revision, &detail, err);
    if (status) {
        return status;
    }
    status = require_package(api, arena, place->package, err);
    if (status) {
        return status;
    }
    status = load_schemas(api, arena, place, &view, err);
    if (status) {
        return status;
    }
    status = load_mark(api, arena, place, &view, err);
    if (status) {
        return status;
    }
    view.row = detail.row;
    if (!fill(&view, environment_find_plugin(&detail.environment, place->package))) {
        return fail_no_memory(err);
    }
    *ret_view = view;
    view = (struct settings_view){0};
    return STATUS_OK;
}

// ---- origins ----

// Objects on both sides are merged, so their members are asked one by one.
static bool add_origins(struct arena *arena, const char *where, const json_t *effective,
                        const json_t *own, json_t *origins) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)effective, key, value) {
        const char *at = json_pointer(arena, where, key);
        json_t *set = json_object_get(own, key);
        bool is_open =
            json_is_object(value) && json_object_size(value) && (!set || json_is_object(set));
        bool failed =
            is_open ? !add_origins(arena, at, value, set, origins)
                    : json_object_set_new(origins, at, json_string(set ? "package" : "default"));
        if (failed) {
            return false;
        }
    }
    return true;
}

json_t *settings_view_origins(struct arena *arena, const struct settings_view *view) {
    scoped(cleanup_json) json_t *origins = json_object();
    return origins && add_origins(arena, "", view->effective, view->own, origins) ? take(origins)
                                                                                  : NULL;
}
