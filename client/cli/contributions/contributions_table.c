// SPDX-License-Identifier: MIT
// Every kind of contribution has a name and comes from plugins; what else it has goes into one column of details. So
// one table shows them all, and a person compares plugins by its last column.
#include "client/cli/contributions/contributions_table.h"

#include "client/cli/console/table.h"
#include "schema/base/list.h"

#include <string.h>

static const struct {
    const char *list;
    const char *word; // of one item
    const char *key;
} kinds[] = {
    {"navigation", "navigation", "path"},
    {"permissions", "permission", "name"},
    {"seed_groups", "seed group", "name"},
    {"dbt_workspaces", "dbt workspace", "path"},
    {"frontend_entries", "frontend", "path"},
    {"routers", "router", "router"},
    {"router_prefixes", "route prefix", "prefix"},
    {"endpoints", "endpoint", "path"},
    {"events", "event", "name"},
};

static const char *text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

// "a, b" of a list of texts, or of the names of a list of origins; with `before` in front unless it is empty. Arena.
static const char *join(struct arena *arena, const char *before, const json_t *list) {
    const char *text = "";
    for (size_t i = 0; text && i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const char *word = json_is_object(item) ? text_of(item, "name") : json_string_value(item);
        text = arena_printf(arena, "%s%s%s", text, i ? ", " : before, word ? word : "?");
    }
    return text;
}

static const char *name_of(struct arena *arena, const char *key, const json_t *item) {
    const char *method = text_of(item, "method");
    const char *name = text_of(item, key);
    return method ? arena_printf(arena, "%s %s", method, name ? name : "?") : name;
}

// "CreateRequest -> CreateResponse": either may be missing.
static const char *models_of(struct arena *arena, const json_t *item) {
    const char *request = text_of(item, "request_model");
    const char *response = text_of(item, "response_model");
    return !request && !response ? ""
                                 : arena_printf(arena, "%s%s%s", request ? request : "",
                                                response ? " -> " : "", response ? response : "");
}

// At most one kind of detail applies to an item.
static const char *details_of(struct arena *arena, const json_t *item) {
    const char *label = text_of(item, "label");
    const char *models = models_of(arena, item);
    const json_t *permissions = json_object_get(item, "permissions");
    return label               ? label
           : permissions       ? join(arena, "", permissions)
           : models && *models ? models
                               : join(arena, "", json_object_get(item, "tags"));
}

static const char *plugins_of(struct arena *arena, const json_t *item) {
    const char *own = text_of(json_object_get(item, "origin"), "name");
    const json_t *publishers = json_object_get(item, "publishers");
    if (own || !publishers) {
        return own ? own : join(arena, "", json_object_get(item, "origins"));
    }
    const json_t *subscribers = json_object_get(item, "subscribers");
    const char *from = join(arena, "published by ", publishers);
    const char *to = join(arena, "subscribed to by ", subscribers);
    bool has_both = json_array_size(publishers) && json_array_size(subscribers);
    return from && to ? arena_printf(arena, "%s%s%s", from, has_both ? "; " : "", to) : NULL;
}

const char *contribution_text(struct arena *arena, const char *list, const json_t *item) {
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (strcmp(kinds[i].list, list) == 0) {
            const char *name = name_of(arena, kinds[i].key, item);
            const char *plugins = plugins_of(arena, item);
            return name && plugins ? arena_printf(arena, "%s %s: %s", kinds[i].word, name, plugins)
                                   : NULL;
        }
    }
    return list;
}

static void add_rows(struct table *table, size_t kind, const json_t *items) {
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        const char *details = details_of(table->arena, item);
        table_add(table, COLOR_DIM, kinds[kind].word);
        table_add(table, COLOR_BOLD, name_of(table->arena, kinds[kind].key, item));
        table_add(table, COLOR_NONE, details && *details ? details : NULL);
        table_add(table, COLOR_NONE, plugins_of(table->arena, item));
    }
}

static void add_findings(struct findings *findings, const json_t *document) {
    const json_t *conflicts = json_object_get(document, "conflicts");
    const json_t *unknown = json_object_get(document, "unknown");
    for (size_t i = 0; i < json_array_size(conflicts); i++) {
        const json_t *conflict = json_array_get(conflicts, i);
        findings_add(findings, SEVERITY_WARNING, text_of(conflict, "code"),
                     text_of(conflict, "group"), NULL, "%s", text_of(conflict, "message"));
    }
    for (size_t i = 0; i < json_array_size(unknown); i++) {
        const json_t *plugin = json_array_get(unknown, i);
        bool is_broken = strcmp(text_of(plugin, "reason"), "broken") == 0;
        findings_add(findings, SEVERITY_WARNING, "contributions-unknown", text_of(plugin, "group"),
                     is_broken ? "Mend the plugin" : "Publish it with its manifest",
                     "The contributions of \"%s\" are unknown: it %s", text_of(plugin, "name"),
                     is_broken ? "is broken" : "has no manifest");
    }
}

enum status contributions_print(struct cli *cli, const json_t *document, struct error *err) {
    static const struct table_column columns[] = {
        {.title = "KIND", .min_width = 0},
        {.title = "NAME", .min_width = 16},
        {.title = "DETAILS", .min_width = 12, .optional = true},
        {.title = "PLUGINS", .min_width = 12},
    };
    struct table table;
    struct findings findings;
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    findings_init(&findings, cli->arena);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        add_rows(&table, i, json_object_get(document, kinds[i].list));
    }
    if (!table.cell_count) {
        output_print(&cli->output, COLOR_NONE, "The plugins contribute nothing.\n");
    }
    enum status status =
        table.cell_count || table.no_memory ? table_print(&table, &cli->output, err) : STATUS_OK;
    if (status) {
        return status;
    }
    add_findings(&findings, document);
    if (findings.count) {
        output_print(&cli->output, COLOR_NONE, "\n");
        output_findings(&cli->output, &findings);
    }
    return findings.no_memory ? fail_no_memory(err) : STATUS_OK;
}
