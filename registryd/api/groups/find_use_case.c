// SPDX-License-Identifier: MIT
// The parameters become one query, whichever of them are given; the store takes the way with the best index. A place is
// the last row of the page before: group, name and package on a line each, as no part of it can hold a newline.
#include "registryd/api/groups/find_use_case.h"

#include "registryd/request/cursor.h"
#include "schema/base/list.h"
#include "schema/packaging/name.h"

const struct query_rule find_rules[FIND_RULES] = {
    {.name = "module"}, {.name = "value"}, {.name = "package"}, {.name = "name"},
    {.name = "group"},  {.name = "limit"}, {.name = "cursor"}};

// A blank parameter asks for nothing.
static const char *find_asked(const struct request *request, const char *name) {
    const char *text = request_query(request, name);
    return text && *text ? text : NULL;
}

bool find_is_asked(const struct request *request) {
    static const char *const names[] = {"module", "value", "package", "name", "group"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (find_asked(request, names[i])) {
            return true;
        }
    }
    return false;
}

// What is in no registry is found nowhere; only a question about nothing is refused.
static enum status read_query(const struct request *request, struct find_query *query,
                              struct error *err) {
    if (!find_is_asked(request)) {
        return fail(err, STATUS_USAGE, NULL,
                    "Give at least one of module, value, package, name and group");
    }
    *query = (struct find_query){.module = find_asked(request, "module"),
                                 .value = find_asked(request, "value"),
                                 .package = find_asked(request, "package"),
                                 .name = find_asked(request, "name"),
                                 .group = find_asked(request, "group"),
                                 .after_group = "",
                                 .after_name = "",
                                 .after_package = ""};
    struct error why;
    enum status status = query->package ? name_normalize(request->arena, text_from(query->package),
                                                         &query->package, &why)
                                        : STATUS_OK;
    return status ? fail(err, status, "?package", "%s", why.message) : STATUS_OK;
}

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

// One row more than the page holds tells whether there are more.
enum status find_load(struct store *store, const struct request *request,
                      struct find_page *ret_page, struct error *err) {
    struct page page;
    struct find_query query;
    struct found_entries found;
    enum status status = read_query(request, &query, err);
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
    status = store_entries_find(store, request->arena, &query, &found, err);
    if (status) {
        return status;
    }
    *ret_page = (struct find_page){found, found.count > (size_t)page.limit, ""};
    if (ret_page->more) {
        ret_page->found.count = (size_t)page.limit;
    }
    if (ret_page->found.count) {
        const struct found_entry *last = &found.items[ret_page->found.count - 1];
        ret_page->last =
            arena_printf(request->arena, "%s\n%s\n%s", last->group, last->name, last->package);
    }
    return ret_page->last ? STATUS_OK : fail_no_memory(err);
}
