// SPDX-License-Identifier: MIT
// A host asks about one group and gets the defaults of that group. A person asks about a package, which may have entry
// points in several groups: then the defaults of all are laid one under the other, the first group by name uppermost.
#include "registryd/api/settings/settings_view.h"

#include "schema/environment/environment_secrets.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_schema_defaults.h"

#include <string.h>

void settings_view_done(struct settings_view *view) {
    json_decref(view->own);
    json_decref(view->below);
    json_decref(view->defaults);
    json_decref(view->effective);
    json_decref(view->secrets);
}

const char *settings_view_text(struct arena *arena, const struct settings_view *view) {
    return json_encode_canonical(arena, view->effective);
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

static json_t *parse(const char *settings) {
    return settings ? json_loads(settings, JSON_REJECT_DUPLICATES, NULL) : json_object();
}

// Secrets of the package, or of the entry point, in their places.
static bool put_secrets(const struct settings_place *place, const struct environment_secrets *marks,
                        const char *group, json_t *settings) {
    const char *name = *group ? place->name : "";
    for (size_t i = 0; settings && place->secrets && i < place->secrets->count; i++) {
        const struct opened_secret *secret = &place->secrets->items[i];
        bool belongs = strcmp(secret->package, place->package) == 0 &&
                       strcmp(secret->group, group) == 0 && strcmp(secret->name, name) == 0 &&
                       environment_secrets_find(marks, secret->pointer);
        if (belongs && !environment_pointer_put(settings, secret->pointer,
                                                json_loads(secret->value, JSON_DECODE_ANY, NULL))) {
            return false;
        }
    }
    return settings;
}

static bool fill(struct settings_view *view, const struct settings_place *place,
                 const struct environment_plugin *plugin) {
    const char *of_package = plugin ? plugin->settings : NULL;
    const struct environment_entry *entry =
        plugin && place->name
            ? environment_entries_find(&plugin->entries, place->group, place->name)
            : NULL;
    if (!fill_defaults(view)) {
        return false;
    }
    view->own = parse(place->name ? (entry ? entry->settings : NULL) : of_package);
    view->below = place->name ? parse(of_package) : NULL;
    static const struct environment_secrets none;
    const struct environment_secrets *of_entry = entry ? &entry->secrets : &none;
    const struct environment_secrets *marks = plugin ? &plugin->secrets : &none;
    json_t *package_level = place->name ? view->below : view->own;
    view->secrets = environment_secrets_encode(place->name ? of_entry : marks);
    if (!view->secrets || !put_secrets(place, marks, "", package_level) ||
        (place->name && !put_secrets(place, of_entry, place->group, view->own))) {
        return false;
    }
    scoped(cleanup_json) json_t *base =
        view->below ? json_schema_fill(view->defaults, view->below) : json_incref(view->defaults);
    view->effective = base && view->own ? json_schema_fill(base, view->own) : NULL;
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
    if (!fill(&view, place, environment_find_plugin(&detail.environment, place->package))) {
        return fail_no_memory(err);
    }
    *ret_view = view;
    view = (struct settings_view){0};
    return STATUS_OK;
}

// ---- origins ----

// The three levels at one place, and what the values of the upper two are called.
struct origin_levels {
    const json_t *own;
    const json_t *below;
    bool is_entry;
};

static const char *name_origin(const struct origin_levels *levels) {
    if (levels->own) {
        return levels->is_entry ? "entry-point" : "package";
    }
    return levels->below ? "package" : "default";
}

// An object hides what is below a value that is no object.
static bool is_open(const json_t *value, const struct origin_levels *levels) {
    return json_is_object(value) && json_object_size(value) &&
           (!levels->own || json_is_object(levels->own)) &&
           (!levels->below || json_is_object(levels->below));
}

// Objects on all levels are merged, so their members are asked one by one.
static bool add_origins(struct arena *arena, const char *where, const json_t *effective,
                        const struct origin_levels *levels, json_t *origins) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)effective, key, value) {
        const char *at = json_pointer(arena, where, key);
        const struct origin_levels inner = {json_object_get(levels->own, key),
                                            json_object_get(levels->below, key), levels->is_entry};
        bool failed = is_open(value, &inner)
                          ? !add_origins(arena, at, value, &inner, origins)
                          : json_object_set_new(origins, at, json_string(name_origin(&inner)));
        if (failed) {
            return false;
        }
    }
    return true;
}

json_t *settings_view_origins(struct arena *arena, const struct settings_view *view) {
    const struct origin_levels levels = {view->own, view->below, view->below};
    scoped(cleanup_json) json_t *origins = json_object();
    return origins && add_origins(arena, "", view->effective, &levels, origins) ? take(origins)
                                                                                : NULL;
}
