// SPDX-License-Identifier: MIT
// A package may have entry points in several groups, and each may have a schema: the settings of a package are one
// object, so all of them must accept it. An entry point may have values of its own over these, for its group alone. A schema that was stored before schemas were read may be none; it decides
// nothing. Settings that stay as they are are not looked at again: a group that changes its schema breaks no environment.
#include "registryd/api/environments/settings_check.h"

#include "registryd/store/store_environments.h"
#include "schema/base/limits.h"
#include "schema/environment/environment_secrets.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_schema.h"
#include "schema/json_schema/json_schema_defaults.h"

#include <string.h>

struct settings_checking {
    const struct settings_schemas *schemas;
    const char *seat;          // stands for a secret, which was checked when it was set
    struct findings *findings; // its arena holds what is made on the way
};

// Settings to look at: those of a package, or of one of its entry points over them.
struct settings_asked {
    const struct environment_plugin *plugin;
    const struct environment_entry *entry; // NULL = of the package
};

static bool is_same(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_new(const struct plugin_change *change) {
    return !is_same(change->after->settings, change->before ? change->before->settings : NULL);
}

// Whether what a host would get for the entry point is new: its own settings, or those of the package below.
static bool is_entry_new(const struct plugin_change *change,
                         const struct environment_entry *entry) {
    const struct environment_entry *before =
        change->before
            ? environment_entries_find(&change->before->entries, entry->group, entry->name)
            : NULL;
    return is_new(change) || !is_same(entry->settings, before ? before->settings : NULL);
}

static bool has_new(const struct plugin_change *change) {
    bool is_found = change->after && change->after->settings && is_new(change);
    for (size_t i = 0; change->after && i < change->after->entries.count && !is_found; i++) {
        const struct environment_entry *entry = &change->after->entries.items[i];
        is_found = entry->settings && is_entry_new(change, entry);
    }
    return is_found;
}

// The packages whose settings are new.
static enum status list_changed(struct arena *arena, const struct plugin_changes *changes,
                                struct strings *ret_packages, struct error *err) {
    const char **packages = arena_array(arena, changes->count + 1, sizeof *packages);
    size_t count = 0;
    if (!packages) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < changes->count; i++) {
        if (has_new(&changes->items[i])) {
            packages[count++] = changes->items[i].package;
        }
    }
    *ret_packages = (struct strings){packages, count};
    return STATUS_OK;
}

// `text` (NULL = nothing) over `below`, which is stolen. Owned; NULL when out of memory.
static json_t *lay_over(json_t *below, const char *text) {
    scoped(cleanup_json) json_t *base = below;
    scoped(cleanup_json) json_t *given =
        text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : json_object();
    return base && given ? json_schema_fill(base, given) : NULL;
}

// What the host gets: the settings over the defaults of the schema. Owned.
static enum status fill(const struct settings_asked *asked, const json_t *document,
                        json_t **ret_filled, struct error *err) {
    json_t *filled = lay_over(json_schema_defaults(document), asked->plugin->settings);
    *ret_filled = asked->entry ? lay_over(filled, asked->entry->settings) : filled;
    return *ret_filled ? STATUS_OK : fail_no_memory(err);
}

static const char *place_of(struct arena *arena, const struct settings_asked *asked) {
    const char *where = json_pointer(arena, "/plugins", asked->plugin->package);
    if (asked->entry) {
        where = json_pointer(arena, where, "entry_points");
        where = json_pointer(arena, where, asked->entry->group);
        where = json_pointer(arena, where, asked->entry->name);
    }
    return json_pointer(arena, where, "settings");
}

// What is said of a seat says nothing of the secret.
static void add_findings(const struct settings_checking *checking, const struct findings *found,
                         const char *where, const json_t *filled) {
    struct findings *findings = checking->findings;
    for (size_t i = 0; i < found->count; i++) {
        const struct finding *one = &found->items[i];
        const json_t *value = environment_pointer_get(filled, one->where + strlen(where));
        const char *text = json_string_value(value);
        if (!text || strcmp(text, checking->seat) != 0) {
            findings_add(findings, one->severity, one->code, one->where, one->hint, "%s",
                         one->message);
        }
    }
    findings->no_memory |= found->no_memory;
}

static enum status check_one(const struct settings_checking *checking,
                             const struct settings_schema *row, const struct settings_asked *asked,
                             struct error *err) {
    struct arena *arena = checking->findings->arena;
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
    status = fill(asked, document, &filled, err);
    if (status) {
        return status;
    }
    const char *where = place_of(arena, asked);
    struct findings found;
    findings_init(&found, arena);
    status = json_schema_check(schema, filled, where, &found, err);
    add_findings(checking, &found, where, filled);
    return status == STATUS_INVALID ? STATUS_OK : status;
}

// By the schemas of all groups of the package, or by that of the entry point's group.
static enum status check_asked(const struct settings_checking *checking,
                               const struct settings_asked *asked, struct error *err) {
    for (size_t i = 0; i < checking->schemas->count; i++) {
        const struct settings_schema *row = &checking->schemas->items[i];
        bool concerns = strcmp(row->package, asked->plugin->package) == 0 &&
                        (!asked->entry || strcmp(row->group, asked->entry->group) == 0);
        enum status status = concerns ? check_one(checking, row, asked, err) : STATUS_OK;
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status check_change(const struct settings_checking *checking,
                                const struct plugin_change *change, struct error *err) {
    struct settings_asked asked = {change->after, NULL};
    enum status status = asked.plugin && asked.plugin->settings && is_new(change)
                             ? check_asked(checking, &asked, err)
                             : STATUS_OK;
    for (size_t i = 0; !status && asked.plugin && i < asked.plugin->entries.count; i++) {
        asked.entry = &asked.plugin->entries.items[i];
        if (asked.entry->settings && is_entry_new(change, asked.entry)) {
            status = check_asked(checking, &asked, err);
        }
    }
    return status;
}

enum status settings_check(struct api *api, const struct environment_step *step,
                           struct findings *findings, struct error *err) {
    struct settings_schemas schemas = {0};
    const struct settings_checking checking = {&schemas, step->seat, findings};
    struct strings packages = {0};
    enum status status = list_changed(findings->arena, step->full_changes, &packages, err);
    if (status || !packages.count) {
        return status;
    }
    status = store_settings_schemas_load(api->store, findings->arena, &packages, &schemas, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < step->full_changes->count; i++) {
        status = check_change(&checking, &step->full_changes->items[i], err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}
