// SPDX-License-Identifier: MIT
// A package may have entry points in several groups, and each may have a schema: the settings of a package are one
// object, so all of them must accept it. A schema that was stored before schemas were read may be none; it decides
// nothing. Settings that stay as they are are not looked at again: a group that changes its schema breaks no environment.
#include "registryd/api/environments/settings_check.h"

#include "registryd/store/store_environments.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_schema.h"
#include "schema/json_schema/json_schema_defaults.h"

#include <string.h>

struct settings_checking {
    const struct environment_step *step;
    struct findings *findings; // its arena holds what is made on the way
};

static bool is_same(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

// The packages whose settings are new.
static enum status list_changed(const struct settings_checking *checking,
                                struct strings *ret_packages, struct error *err) {
    const struct plugin_changes *changes = checking->step->changes;
    const char **packages =
        arena_array(checking->findings->arena, changes->count + 1, sizeof *packages);
    size_t count = 0;
    if (!packages) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < changes->count; i++) {
        const struct environment_plugin *before = changes->items[i].before;
        const struct environment_plugin *after = changes->items[i].after;
        const char *settings = after ? after->settings : NULL;
        if (settings && !is_same(settings, before ? before->settings : NULL)) {
            packages[count++] = changes->items[i].package;
        }
    }
    *ret_packages = (struct strings){packages, count};
    return STATUS_OK;
}

// What the host gets: the settings over the defaults of the schema. Owned.
static enum status fill(const char *settings, const json_t *document, json_t **ret_filled,
                        struct error *err) {
    scoped(cleanup_json) json_t *defaults = json_schema_defaults(document);
    scoped(cleanup_json) json_t *given = json_loads(settings, JSON_REJECT_DUPLICATES, NULL);
    *ret_filled = defaults && given ? json_schema_fill(defaults, given) : NULL;
    return *ret_filled ? STATUS_OK : fail_no_memory(err);
}

static enum status check_one(const struct settings_checking *checking,
                             const struct settings_schema *row, struct error *err) {
    struct arena *arena = checking->findings->arena;
    const struct environment_plugin *plugin =
        environment_find_plugin(checking->step->after, row->package);
    scoped(cleanup_json) json_t *document = NULL;
    scoped(cleanup_json) json_t *filled = NULL;
    struct findings unread;
    struct json_schema *schema = NULL;
    findings_init(&unread, arena);
    enum status status = json_parse(text_from(row->text), LIMIT_DOCUMENT_BYTES, &document, err);
    if (status) {
        return status;
    }
    status = json_schema_read(arena, document, &unread, &schema, err);
    if (status) {
        return status == STATUS_INVALID ? STATUS_OK : status;
    }
    status = fill(plugin->settings, document, &filled, err);
    if (status) {
        return status;
    }
    const char *where = json_pointer(arena, "/plugins", row->package);
    status = json_schema_check(schema, filled, json_pointer(arena, where, "settings"),
                               checking->findings, err);
    return status == STATUS_INVALID ? STATUS_OK : status;
}

enum status settings_check(struct api *api, const struct environment_step *step,
                           struct findings *findings, struct error *err) {
    const struct settings_checking checking = {step, findings};
    struct strings packages = {0};
    struct settings_schemas schemas = {0};
    enum status status = list_changed(&checking, &packages, err);
    if (status || !packages.count) {
        return status;
    }
    status = store_settings_schemas_load(api->store, findings->arena, &packages, &schemas, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < schemas.count; i++) {
        status = check_one(&checking, &schemas.items[i], err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}
