// SPDX-License-Identifier: MIT
// Entry points can agree while what they contribute differs: a plugin.yaml was edited and its version kept, or a wheel
// was published without its manifest. Both sides are merged as a host would merge them, and then compared.
#include "client/cli/contributions/compare_contributions.h"

#include "client/cli/console/table.h"
#include "client/cli/contributions/contributions_table.h"
#include "schema/base/list.h"
#include "schema/contributions/contributions.h"
#include "schema/json/json.h"

#include <string.h>

static enum status merge_group(struct arena *arena, const struct records *records,
                               const char *group, json_t **ret_document, struct error *err) {
    struct records own = {0};
    for (size_t i = 0; i < records->count; i++) {
        if (strcmp(records->items[i].group, group) == 0) {
            struct record *record = records_add(arena, &own);
            if (!record) {
                return fail_no_memory(err);
            }
            *record = records->items[i];
        }
    }
    return contributions_merge(&own, ret_document, err);
}

enum status compare_contributions(struct arena *arena, const struct compared_sources *sources,
                                  const char *group, json_t **ret_report, struct error *err) {
    scoped(cleanup_json) json_t *walk = NULL;
    scoped(cleanup_json) json_t *registry = NULL;
    enum status status = merge_group(arena, &sources->walked, group, &walk, err);
    if (status) {
        return status;
    }
    status = merge_group(arena, &sources->resolution.records, group, &registry, err);
    return status ? status : contributions_compare(walk, registry, ret_report, err);
}

static void add_rows(struct table *table, const json_t *lacking, const char *what) {
    for (size_t i = 0; i < json_array_size(lacking); i++) {
        const json_t *row = json_array_get(lacking, i);
        const char *list = json_string_value(json_object_get(row, "list"));
        table_add(table, COLOR_RED, what);
        table_add(table, COLOR_NONE,
                  contribution_text(table->arena, list, json_object_get(row, "item")));
    }
}

enum status compare_contributions_print(struct cli *cli, const json_t *report, struct error *err) {
    static const struct table_column columns[] = {
        {.title = "DIFFERENCE", .min_width = 0},
        {.title = "CONTRIBUTION", .min_width = 20},
    };
    bool is_same = json_is_true(json_object_get(report, "same"));
    json_int_t same =
        json_integer_value(json_object_get(json_object_get(report, "counts"), "same"));
    struct table table;
    output_print(&cli->output, is_same ? COLOR_GREEN : COLOR_RED, "contributions %s",
                 is_same ? "agree" : "differ");
    output_print(&cli->output, COLOR_NONE, ", %lld the same\n", (long long)same);
    table_init(&table, cli->arena, columns, COUNT_OF(columns));
    add_rows(&table, json_object_get(report, "walk_only"), "only in the walk");
    add_rows(&table, json_object_get(report, "registry_only"), "only in the registry");
    return table.cell_count || table.no_memory ? table_print(&table, &cli->output, err) : STATUS_OK;
}
