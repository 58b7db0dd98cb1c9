// SPDX-License-Identifier: MIT
// Reverse look-up: who provides a module, who has an object of this name, who holds a name. Entry points are those of
// the newest release of each package, whatever an environment would take. The place of a page has three parts.
#include "registryd/api/groups/handlers.h"

#include "registryd/request/cursor.h"
#include "registryd/request/query.h"
#include "registryd/store/entries/store_entries.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"
#include "schema/packaging/name.h"

#include <string.h>

static json_t *encode_rows(const struct found_entries *found, size_t count) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < count; i++) {
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

static bool is_given(const char *text) {
    return text && *text;
}

// What is in no registry is found nowhere; only a question about nothing is refused.
static enum status read_query(const struct request *request, struct find_query *query,
                              struct error *err) {
    struct {
        const char *name;
        const char **place;
    } texts[] = {{"module", &query->module},
                 {"value", &query->value},
                 {"package", &query->package},
                 {"name", &query->name},
                 {"group", &query->group}};
    bool has_any = false;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const char *text = request_query(request, texts[i].name);
        *texts[i].place = is_given(text) ? text : NULL;
        has_any = has_any || is_given(text);
    }
    if (!has_any) {
        return fail(err, STATUS_USAGE, NULL,
                    "Give at least one of module, value, package, name and group");
    }
    struct error why;
    enum status status = query->package ? name_normalize(request->arena, text_from(query->package),
                                                         &query->package, &why)
                                        : STATUS_OK;
    return status ? fail(err, status, "?package", "%s", why.message) : STATUS_OK;
}

// "group\nname\npackage": no part can hold a newline.
static enum status read_place(const struct request *request, const char *after,
                              struct find_query *query, struct error *err) {
    struct text rest = text_from(after);
    struct text part;
    const char **places[] = {&query->after_group, &query->after_name, &query->after_package};
    size_t count = 0;
    while (count < COUNT_OF(places) && text_split(&rest, '\n', &part)) {
        *places[count] = arena_copy(request->arena, part.ptr, part.len);
        if (!*places[count++]) {
            return fail_no_memory(err);
        }
    }
    return rest.len || (*after && count < COUNT_OF(places))
               ? fail(err, STATUS_USAGE, "?cursor", "The cursor is invalid. Start again without it")
               : STATUS_OK;
}

enum status entry_points_find(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    (void)findings;
    static const struct query_rule rules[] = {
        {.name = "module"}, {.name = "value"}, {.name = "package"}, {.name = "name"},
        {.name = "group"},  {.name = "limit"}, {.name = "cursor"}};
    struct page page;
    struct found_entries found;
    struct find_query query = {.after_group = "", .after_name = "", .after_package = ""};
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = read_query(request, &query, err);
    if (status) {
        return status;
    }
    status = cursor_decode(request, &page, err);
    if (status) {
        return status;
    }
    status = read_place(request, page.after ? page.after : "", &query, err);
    if (status) {
        return status;
    }
    query.limit = page.limit + 1;
    status = store_entries_find(api->store, request->arena, &query, &found, err);
    if (status) {
        return status;
    }
    bool more = found.count > (size_t)page.limit;
    size_t count = more ? (size_t)page.limit : found.count;
    struct cursor_page answer = {"entry_points", encode_rows(&found, count), more, "", NULL};
    if (count) {
        const struct found_entry *last = &found.items[count - 1];
        answer.last =
            arena_printf(request->arena, "%s\n%s\n%s", last->group, last->name, last->package);
    }
    return cursor_reply(request, reply, &answer, err);
}
