// SPDX-License-Identifier: MIT
// One line a route, so that a difference between two versions reads well.
#include "registryd/routes_print.h"

#include "registryd/http/router.h"
#include "registryd/http/routes.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <assert.h>
#include <string.h>

enum { PAGE_BYTES = 256 * 1024 };

static const char *const levels[] = {
    [ACCESS_UNDECLARED] = "nobody", [ACCESS_NONE] = "none",
    [ACCESS_READ] = "read",         [ACCESS_TOKEN] = "token",
    [ACCESS_REPORT] = "report",     [ACCESS_PUBLISH] = "publish",
    [ACCESS_YANK] = "yank",         [ACCESS_ENVIRONMENT] = "environment",
    [ACCESS_GROUP] = "group",       [ACCESS_ADMIN] = "admin",
};
static_assert(COUNT_OF(levels) == ACCESS_LEVEL_COUNT, "each level has its name");

static void add_member(struct buffer *page, const char *key, const char *text) {
    buffer_printf(page, "\"%s\": ", key);
    json_write_string(page, text, strlen(text));
    buffer_add_string(page, ", ");
}

static void add_route(struct buffer *page, const struct route *route) {
    buffer_add_string(page, "{");
    add_member(page, "method", route->method);
    add_member(page, "path", route->pattern);
    add_member(page, "access", levels[route->access]);
    add_member(page, "description", route->description);
    if (route->max_body_bytes == ROUTE_BODY_ARTIFACT) {
        buffer_add_string(page, "\"max_body_bytes\": null}");
    } else {
        buffer_printf(page, "\"max_body_bytes\": %zu}", route->max_body_bytes);
    }
}

const char *routes_print(struct arena *arena) {
    size_t count = 0;
    const struct route *routes = routes_table(&count);
    scoped(buffer_done) struct buffer page;
    buffer_init(&page, PAGE_BYTES);
    for (size_t i = 0; i < count; i++) {
        buffer_add_string(&page, i ? ",\n " : "[");
        add_route(&page, &routes[i]);
    }
    buffer_add_string(&page, "]\n");
    return page.failed ? NULL : arena_copy(arena, page.ptr, page.len);
}
