// SPDX-License-Identifier: MIT
// Reverse look-up: who provides a module, who has an object of this name, who holds a name. Entry points are those of
// the newest release of each package, whatever an environment would take.
#include "registryd/api/groups/handlers.h"

#include "registryd/api/groups/find_use_case.h"
#include "registryd/request/cursor.h"
#include "schema/json/json.h"

static json_t *encode_rows(const struct found_entries *found) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < found->count; i++) {
        const struct found_entry *row = &found->items[i];
        json_t *item = json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "group", json_text(row->group),
                                 "name", json_text(row->name), "value", json_text(row->value),
                                 "package", json_text(row->package), "version",
                                 json_text(row->version), "package_status", json_text(row->status));
        if (json_array_append_new(array, item)) {
            return NULL;
        }
    }
    return take(array);
}

enum status entry_points_find(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    (void)findings;
    struct find_page page;
    enum status status = query_begin(api, request, find_rules, FIND_RULES, err);
    if (status) {
        return status;
    }
    status = find_load(api->store, request, &page, err);
    if (status) {
        return status;
    }
    struct cursor_page answer = {"entry_points", encode_rows(&page.found), page.more, page.last,
                                 NULL};
    return cursor_reply(request, reply, &answer, err);
}
