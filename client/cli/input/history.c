// SPDX-License-Identifier: MIT
// A history comes in pages by serial. Of a release, the changes of its package that name it are kept.
#include "client/cli/input/history.h"

#include "client/cli/input/administration.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <string.h>

enum { PAGE_ITEMS = 1000, PATH_BYTES = 64 * 1024 };

// One page; *since moves to its last serial, *more tells whether there may be another.
static enum status load_page(struct cli *cli, const char *package, json_t *items, json_int_t *since,
                             bool *more, struct error *err) {
    scoped(buffer_done) struct buffer path;
    scoped(cleanup_json) json_t *page = NULL;
    buffer_init(&path, PATH_BYTES);
    buffer_printf(&path, "/v1/changes?limit=%d&since=%" JSON_INTEGER_FORMAT, PAGE_ITEMS, *since);
    api_call_add_query(&path, "package", package);
    enum status failed =
        administration_send(cli, "GET", path.failed ? NULL : path.ptr, NULL, &page, err);
    if (failed) {
        return failed;
    }
    json_t *changes = json_object_get(page, "changes");
    size_t count = json_array_size(changes);
    const json_t *last = json_array_get(changes, count ? count - 1 : 0);
    json_int_t serial = json_integer_value(json_object_get(last, "serial"));
    if (!json_is_array(changes) || (count && serial <= *since)) {
        return fail(err, STATUS_UNREACHABLE, "/changes", "The registry's answer holds no changes");
    }
    *since = serial;
    *more = count >= PAGE_ITEMS;
    return json_array_extend(items, changes) ? fail_no_memory(err) : STATUS_OK;
}

static void keep_version(json_t *items, const char *version) {
    for (size_t i = json_array_size(items); i > 0; i--) {
        const json_t *item = json_array_get(items, i - 1);
        const char *its = json_string_value(json_object_get(item, "version"));
        if (!its || strcmp(its, version) != 0) {
            json_array_remove(items, i - 1);
        }
    }
}

// The normal form of the version, which the changes have, is the registry's to say.
static enum status normal_version(struct cli *cli, const struct release_name *name,
                                  const char **ret_version, struct error *err) {
    scoped(cleanup_json) json_t *release = NULL;
    const char *path = release_name_path(cli, name, "");
    enum status failed = administration_send(cli, "GET", path, NULL, &release, err);
    if (failed) {
        return failed;
    }
    const char *version = json_string_value(json_object_get(release, "version"));
    *ret_version = arena_strdup(cli->arena, version ? version : name->version);
    return *ret_version ? STATUS_OK : fail_no_memory(err);
}

static enum status load_history(struct cli *cli, const struct release_name *name, json_t *items,
                                struct error *err) {
    const char *version = NULL;
    json_int_t since = 0;
    bool more = true;
    enum status failed = name->version ? normal_version(cli, name, &version, err) : STATUS_OK;
    while (!failed && more) {
        failed = load_page(cli, name->package, items, &since, &more, err);
    }
    if (!failed && version) {
        keep_version(items, version);
    }
    if (!failed && !json_array_size(items)) {
        return fail(err, STATUS_NOT_FOUND, NULL, "There is no package %s", name->package);
    }
    return failed;
}

enum status history_print(struct cli *cli, const struct release_name *name, struct error *err) {
    static const struct administration_column columns[] = {
        {{.title = "CHANGE"}, "serial"},
        {{.title = "AT", .min_width = 10}, "at"},
        {{.title = "WHAT"}, "kind"},
        {{.title = "VERSION", .min_width = 8}, "version"},
        {{.title = "ENVIRONMENT", .min_width = 8, .optional = true}, "environment"},
        {{.title = "REASON", .min_width = 12}, "reason"},
    };
    scoped(cleanup_json) json_t *items = json_array();
    enum status failed = items ? load_history(cli, name, items, err) : fail_no_memory(err);
    return failed ? failed
                  : administration_print(cli, take(items), columns, COUNT_OF(columns), "", err);
}
