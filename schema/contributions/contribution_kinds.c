// SPDX-License-Identifier: MIT
// Manifests come from several hosts, and each states what its host reads: Honeyframe nav and seed_groups, MicroCoreOS
// endpoints and events, Mountaineer the prefixes of its routes. The names of members do not collide, so one table serves
// all groups, and a host of another kind that uses these names is served, too.
#include "schema/contributions/contribution_kinds.h"

#include "schema/base/list.h"
#include "schema/base/text.h"

#include <string.h>

static const char *as_written(struct arena *arena, const json_t *item, const char *key) {
    (void)item;
    return arena_strdup(arena, key);
}

// "/crm/" is the address "/crm".
static const char *without_slash(struct arena *arena, const json_t *item, const char *key) {
    (void)item;
    size_t len = strlen(key);
    while (len > 1 && key[len - 1] == '/') {
        len--;
    }
    return arena_copy(arena, key, len);
}

static char upper(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

// "POST /products/{}" of {"method": "post", "path": "/products/{product_id}/"}: what parameters are called does not
// tell two endpoints apart.
static const char *endpoint(struct arena *arena, const json_t *item, const char *key) {
    const char *method = json_string_value(json_object_get(item, "method"));
    const char *path = without_slash(arena, item, key);
    if (!method || !path) {
        return path ? "" : NULL;
    }
    char *subject = arena_printf(arena, "%s %s", method, path);
    char *to = subject;
    bool is_parameter = false;
    for (size_t i = 0; subject && subject[i]; i++) {
        char c = i < strlen(method) ? upper(subject[i]) : subject[i];
        is_parameter &= c != '}';
        if (!is_parameter) {
            *to++ = c;
        }
        is_parameter |= c == '{';
    }
    if (to) {
        *to = '\0';
    }
    return subject;
}

static const char *const navigation_members[] = {"label", "icon"};
static const char *const endpoint_members[] = {"method", "tags", "request_model", "response_model"};

static const struct contribution_kind kinds[] = {
    {.list = "navigation",
     .member = "nav",
     .shape = SHAPE_OBJECTS,
     .key = "path",
     .kept = navigation_members,
     .kept_count = COUNT_OF(navigation_members),
     .code = "navigation-path-shared",
     .words = "the navigation path",
     .subject = without_slash},
    {.list = "permissions",
     .member = "permissions",
     .shape = SHAPE_TEXTS,
     .key = "name",
     .origins = "origins",
     .subject = as_written},
    {.list = "seed_groups",
     .member = "seed_groups",
     .shape = SHAPE_OBJECTS,
     .key = "name",
     .origins = "origins",
     .united = "permissions",
     .code = "seed-group-shared",
     .words = "the seed group",
     .subject = as_written},
    {.list = "dbt_workspaces",
     .member = "dbt_workspace",
     .shape = SHAPE_TEXT,
     .key = "path",
     .subject = as_written},
    {.list = "frontend_entries",
     .member = "frontend_entry",
     .shape = SHAPE_TEXT,
     .key = "path",
     .subject = as_written},
    {.list = "routers",
     .member = "routers",
     .shape = SHAPE_TEXTS,
     .key = "router",
     .code = "router-shared",
     .words = "the router",
     .subject = as_written},
    {.list = "router_prefixes",
     .member = "router_prefixes",
     .shape = SHAPE_TEXTS,
     .key = "prefix",
     .code = "router-prefix-shared",
     .words = "the route prefix",
     .subject = without_slash},
    {.list = "endpoints",
     .member = "endpoints",
     .shape = SHAPE_OBJECTS,
     .key = "path",
     .kept = endpoint_members,
     .kept_count = COUNT_OF(endpoint_members),
     .code = "endpoint-shared",
     .words = "the endpoint",
     .subject = endpoint},
    {.list = "events",
     .member = "publishes",
     .shape = SHAPE_TEXTS,
     .key = "name",
     .origins = "publishers",
     .subject = as_written},
    {.list = "events",
     .member = "subscribes",
     .shape = SHAPE_TEXTS,
     .key = "name",
     .origins = "subscribers",
     .subject = as_written},
};

const struct contribution_kind *contribution_kind_at(size_t index) {
    return index < COUNT_OF(kinds) ? &kinds[index] : NULL;
}
