// SPDX-License-Identifier: MIT
// registryctl contributions: what the plugins of an environment, or of directories, contribute to their host. Both
// sides give records with manifests, which schema/contributions merges, so both answer in the same words.
#include "client/cli/contributions/contributions_table.h"
#include "client/cli/input/group_guess.h"
#include "client/cli/input/query.h"
#include "client/remote/source_registry.h"
#include "client/walk/source_walk.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/contributions/contributions.h"
#include "schema/json/json.h"

#include <string.h>

struct contributions_options {
    struct facts_options facts;
    struct words roots;
    const char *convention;
    bool strict;
};

static const struct option_row contributions_rows[] = {
    {"--root", "ROOT", offsetof(struct contributions_options, roots),
     "Read the plugins of this directory in place of the registry", .repeats = true},
    CONVENTION_ROW(struct contributions_options, convention),
    FACTS_ROWS(struct contributions_options, facts),
    {"--strict", NULL, offsetof(struct contributions_options, strict),
     "Exit 1 if plugins are in conflict, or their contributions are unknown"},
};

static bool is_asked_for(const struct words *groups, const char *group) {
    for (size_t i = 0; i < groups->count; i++) {
        if (strcmp(groups->items[i], group) == 0) {
            return true;
        }
    }
    return !groups->count;
}

static enum status walk(struct cli *cli, const struct words *groups, struct records *ret_records,
                        struct error *err) {
    const struct contributions_options *given = cli->options;
    struct walk_query query;
    struct records walked = {0};
    enum status status = roots_parse(cli, &given->roots, given->convention, &query, err);
    if (status) {
        return status;
    }
    status = source_walk(cli->arena, &query, &walked, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < walked.count; i++) {
        if (is_asked_for(groups, walked.items[i].group)) {
            struct record *record = records_add(cli->arena, ret_records);
            if (!record) {
                return fail_no_memory(err);
            }
            *record = walked.items[i];
        }
    }
    return STATUS_OK;
}

static enum status ask(struct cli *cli, const struct words *groups, struct records *ret_records,
                       struct error *err) {
    const struct contributions_options *given = cli->options;
    struct connection connection;
    struct source_query query;
    struct resolution resolution = {0};
    if (!groups->count) {
        return fail(err, STATUS_USAGE, NULL,
                    "Missing argument. Usage: registryctl contributions GROUP...");
    }
    enum status status = facts_query(cli, &given->facts, groups, &query, err);
    if (status) {
        return status;
    }
    status = command_connect(cli, &connection, err);
    if (status) {
        return status;
    }
    const struct api_call call = {.arena = cli->arena, .connection = &connection};
    status = group_guess_check(&call, groups->items, groups->count, err);
    if (status) {
        return status;
    }
    status = source_registry(cli->arena, &connection, &query, &resolution, err);
    *ret_records = resolution.records;
    return status;
}

static enum status run(struct cli *cli, struct error *err) {
    const struct contributions_options *given = cli->options;
    const struct words groups = query_arguments(cli);
    struct records records = {0};
    scoped(cleanup_json) json_t *document = NULL;
    enum status status =
        given->roots.count ? walk(cli, &groups, &records, err) : ask(cli, &groups, &records, err);
    if (status) {
        return status;
    }
    status = contributions_merge(&records, &document, err);
    if (status) {
        return status;
    }
    bool is_clear = !json_array_size(json_object_get(document, "conflicts")) &&
                    !json_array_size(json_object_get(document, "unknown"));
    cli->exit_code = given->strict && !is_clear;
    return cli->output.json ? output_json(&cli->output, take(document), err)
                            : contributions_print(cli, document, err);
}

const struct command command_contributions = {
    .name = "contributions",
    .arguments = "[GROUP...]",
    .max_arguments = LIMIT_QUERY_GROUPS,
    .lines = "navigation, permissions, seed_groups, dbt_workspaces, frontend_entries, routers, "
             "router_prefixes, endpoints, events: "
             "group|origin.group name|path|router|prefix method origin.name origin.package",
    .summary = "Show what plugins contribute to their host, and where they are in conflict",
    .description =
        "Merges the navigation, permissions, seed groups, dbt workspaces, frontend entries,\n"
        "routers, endpoints and events of all plugins that hosts of the environment get. Two\n"
        "plugins with one path, one seed group, one router or one endpoint are a conflict; both\n"
        "are named. With --root, the plugins of directories are read in place of the registry's,\n"
        "and GROUP may be left out.",
    COMMAND_OPTIONS(contributions_rows, struct contributions_options),
    .exit_codes = "0  Done, even if there are conflicts\n"
                  "1  There are conflicts or unknown contributions (--strict)\n"
                  "2  Unknown directory or convention\n",
    .example = "registryctl contributions honeyframe.plugins --environment production",
    .run = run,
};
