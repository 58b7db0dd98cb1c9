// SPDX-License-Identifier: MIT
// The settings of one plugin under an address of their own, so that the body of a change is nothing but the settings:
//
//     PATCH /v1/environments/production/plugins/hello-world/settings   {"api_key": "…"}
//
// A change is the change of the plugin's part of the document, with its checks, conditions and history; the places in its
// refusals are made those of this body.
#include "registryd/api/settings/handlers.h"

#include "registryd/api/environments/environment_patch.h"
#include "registryd/api/environments/environment_use_cases.h"
#include "registryd/api/environments/environments.h"
#include "registryd/api/secrets/secret_open.h"
#include "registryd/api/settings/settings_view.h"
#include "registryd/access/settings_rights.h"
#include "registryd/request/document.h"
#include "registryd/request/query.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"

static enum status read_place(struct api *api, const struct request *request,
                              struct settings_place *ret_place, struct error *err) {
    static const struct query_rule rules[] = {{.name = "group"}, {.name = "name"}};
    struct settings_place place = {.group = request_query(request, "group"),
                                   .name = request_query(request, "name")};
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    if (place.name && !place.group) {
        return fail(err, STATUS_USAGE, "?name", "Give the group of the entry point, too");
    }
    status = environments_path(request, STATUS_NOT_FOUND, &place.environment, err);
    if (status) {
        return status;
    }
    status = name_normalize(request->arena, text_from(request_path(request, "package")),
                            &place.package, err);
    if (status) {
        return status == STATUS_NO_MEMORY ? status
                                          : fail(err, STATUS_NOT_FOUND, NULL, "%s", err->message);
    }
    *ret_place = place;
    return STATUS_OK;
}

// The view as JSON. Owned; NULL when out of memory.
static json_t *encode(struct arena *arena, const struct settings_place *place,
                      const struct settings_view *view) {
    // clang-format off
    return json_pack("{s:s,s:I,s:s,s:o,s:o,s:O,s:o,s:O,s:O,s:O,s:o,s:o}",
                     "environment", place->environment,
                     "revision", (json_int_t)view->row.revision,
                     "package", place->package,
                     "group", json_text(place->group),
                     "name", json_text(place->name),
                     "settings", view->effective,
                     "origins", settings_view_origins(arena, view),
                     "set", view->own,
                     "defaults", view->defaults,
                     "secrets", view->secrets,
                     "changed_at", json_text(view->changed_at),
                     "changed_by", json_text(view->changed_by));
    // clang-format on
}

// Adds secrets in clear, only for a token that may read them.
static enum status add_secrets(struct api *api, const struct request *request,
                               struct settings_place *place, struct error *err) {
    const struct secrets_asked asked = {place->environment, place->package};
    struct opened_secrets *secrets = arena_alloc(request->arena, sizeof *secrets);
    bool may_read = false;
    enum status status =
        settings_may_read_secrets(api, request, place->environment, &may_read, err);
    if (status || !may_read) {
        return status;
    }
    place->secrets = secrets;
    return secrets ? secrets_open(api, request->arena, &asked, secrets, err) : fail_no_memory(err);
}

enum status plugin_settings_show(struct api *api, const struct request *request,
                                 struct reply *reply, struct findings *findings,
                                 struct error *err) {
    (void)findings;
    scoped(settings_view_done) struct settings_view view = {0};
    struct settings_place place;
    enum status status = read_place(api, request, &place, err);
    if (status) {
        return status;
    }
    status = add_secrets(api, request, &place, err);
    if (status) {
        return status;
    }
    status = settings_view_load(api, request->arena, &place, &view, err);
    if (status) {
        return status;
    }
    settings_mark_reply(reply, true);
    reply->cache_control = place.secrets ? "no-store" : reply->cache_control;
    return reply_json(request, reply, encode(request->arena, &place, &view), err);
}

// The patch of the plugin's part of the document. Owned.
static enum status read_patch(const struct request *request, const struct settings_place *place,
                              json_t **ret_patch, struct error *err) {
    scoped(cleanup_json) json_t *body = NULL;
    enum status status = document_check_patch(request, "A change of settings", err);
    if (status) {
        return status;
    }
    status = json_parse(request->body, LIMIT_DOCUMENT_BYTES, &body, err);
    if (status) {
        return status;
    }
    if (!json_is_object(body)) {
        return fail(err, STATUS_INVALID, "", "The body must be an object of settings, not %s",
                    json_type_name(body));
    }
    *ret_patch = place->name ? json_pack("{s:{s:{s:{s:O}}}}", "entry_points", place->group,
                                         place->name, "settings", body)
                             : json_pack("{s:O}", "settings", body);
    return *ret_patch ? STATUS_OK : fail_no_memory(err);
}

// Where the settings of the place stand in the plugin's part of the document.
static const char *pointer_of(struct arena *arena, const struct settings_place *place) {
    const char *where = "";
    if (place->name) {
        where = json_pointer(arena, "/entry_points", place->group);
        where = json_pointer(arena, where, place->name);
    }
    return json_pointer(arena, where, "settings");
}

enum status plugin_settings_patch(struct api *api, const struct request *request,
                                  struct reply *reply, struct findings *findings,
                                  struct error *err) {
    const struct edit_context call = {api, request, findings};
    scoped(settings_view_done) struct settings_view view = {0};
    struct settings_place place;
    struct environment_edited edited;
    json_t *patch = NULL;
    enum status status = read_place(api, request, &place, err);
    if (status) {
        return status;
    }
    status = read_patch(request, &place, &patch, err);
    if (status) {
        return status;
    }
    status = environment_patch_plugin(&call, place.package, patch, &edited, err);
    if (status) {
        environment_patch_strip(pointer_of(request->arena, &place), findings, err);
        return status;
    }
    place.revision = edited.revision;
    status = settings_view_load(api, request->arena, &place, &view, err);
    if (status) {
        return status;
    }
    return environments_reply_more(request, reply, &edited, encode(request->arena, &place, &view),
                                   err);
}
