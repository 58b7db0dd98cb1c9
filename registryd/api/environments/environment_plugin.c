// SPDX-License-Identifier: MIT
// What an environment decides about one package: the part of its document that the PATCH of the same address
// changes, and the newest revision that changed it. A package that nothing is decided about has an empty one.
#include "registryd/api/environments/environments.h"
#include "registryd/api/environments/handlers.h"

#include "registryd/access/settings_rights.h"
#include "registryd/request/query.h"
#include "registryd/store/store_environments.h"
#include "schema/environment/environment_settings.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"

#include <string.h>

static json_t *encode(const struct environment_detail *detail, const char *package, bool may_read,
                      const struct environment_mark *mark) {
    scoped(cleanup_json) json_t *document =
        json_loads(detail->document, JSON_REJECT_DUPLICATES, NULL);
    if (!document) {
        return NULL;
    }
    if (!may_read) {
        environment_leave_out_settings(document);
    }
    json_t *decided = json_object_get(json_object_get(document, "plugins"), package);
    json_t *plugin = decided ? json_incref(decided) : json_object();
    return json_pack("{s:s,s:I,s:s,s:o,s:s,s:o,s:o}", "environment", detail->row.name, "revision",
                     (json_int_t)detail->row.revision, "package", package, "plugin", plugin,
                     "settings", may_read ? "included" : "left-out", "changed_at",
                     json_text(mark ? mark->since : NULL), "changed_by",
                     json_text(mark ? mark->by : NULL));
}

enum status environments_show_plugin(struct api *api, const struct request *request,
                                     struct reply *reply, struct findings *findings,
                                     struct error *err) {
    (void)findings;
    const char *name = NULL;
    const char *package = NULL;
    struct environment_detail detail;
    struct environment_marks marks;
    bool may_read = false;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = environments_path(request, STATUS_NOT_FOUND, &name, err);
    if (status) {
        return status;
    }
    if (name_normalize(request->arena, text_from(request_path(request, "package")), &package,
                       err)) {
        return err->status == STATUS_NO_MEMORY
                   ? STATUS_NO_MEMORY
                   : fail(err, STATUS_NOT_FOUND, NULL, "%s", err->message);
    }
    status = store_environment_load(api->reading, request->arena, name, 0, &detail, err);
    if (status) {
        return status;
    }
    status = store_environment_marks_load(api->reading, request->arena, name, &marks, err);
    if (status) {
        return status;
    }
    status = settings_may_read(api, request, name, &may_read, err);
    if (status) {
        return status;
    }
    settings_mark_reply(reply, may_read);
    return reply_json(request, reply,
                      encode(&detail, package, may_read, environment_marks_find(&marks, package)),
                      err);
}
