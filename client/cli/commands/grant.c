// SPDX-License-Identifier: MIT
// registryctl grant list|add|remove, reserve, owner: who may have what.
#include "client/cli/input/administration.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <string.h>

static const struct option_row grant_options[] = {
    {"--team", "TEAM", offsetof(struct options, team), "list: only this team's", false},
};

static const struct option_row reserve_options[] = {
    {"--prefix", NULL, offsetof(struct options, is_prefix),
     "also every name that begins with it and a separator", false},
    {"--team", "TEAM", offsetof(struct options, team), "this team may take the name all the same",
     false},
    {"--reason", "TEXT", offsetof(struct options, reason), "why it is not free", false},
};

// Sends, and says in a word what came of it.
static enum status change(struct cli *cli, const char *method, const char *path, json_t *body,
                          struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    enum status failed = administration_send(cli, method, path, body, &answer, err);
    if (failed) {
        return failed;
    }
    if (cli->output.json) {
        return output_json(&cli->output, take(answer), err);
    }
    bool is_unchanged = json_is_false(json_object_get(answer, "changed"));
    output_print(&cli->output, is_unchanged ? COLOR_DIM : COLOR_GREEN, "%s\n",
                 is_unchanged ? "unchanged" : "done");
    return STATUS_OK;
}

// ---- grant ----

static enum status list_grants(struct cli *cli, struct error *err) {
    static const struct administration_column columns[] = {
        {{.title = "TEAM", .min_width = 8}, "team"},
        {{.title = "SCOPE"}, "scope"},
        {{.title = "OBJECT", .min_width = 8}, "object"},
        {{.title = "SINCE", .min_width = 10, .optional = true}, "created_at"},
        {{.title = "BY", .min_width = 6, .optional = true}, "created_by"},
    };
    json_t *items = NULL;
    enum status failed = administration_list(cli, "/v1/grants", "grants", &items, err);
    return failed ? failed
                  : administration_print(cli, items, columns, COUNT_OF(columns),
                                         "Nothing is granted.", err);
}

static enum status run_grant(struct cli *cli, struct error *err) {
    const char *action = cli->arguments[0];
    if (strcmp(action, "list") == 0) {
        return list_grants(cli, err);
    }
    bool is_adding = strcmp(action, "add") == 0;
    if (!is_adding && strcmp(action, "remove") != 0) {
        return fail(err, STATUS_USAGE, NULL, "There is no grant %s; known are list, add and remove",
                    action);
    }
    enum status failed = administration_arguments(cli, 2, 3, "add|remove TEAM SCOPE [OBJECT]", err);
    if (failed) {
        return failed;
    }
    const char *parts[] = {cli->arguments[1], cli->arguments[2],
                           cli->argument_count > 3 ? cli->arguments[3] : "*"};
    const char *path = administration_path(cli, "/v1/grants", parts, 3);
    return change(cli, is_adding ? "PUT" : "DELETE", path, NULL, err);
}

const struct command command_grant = {
    .name = "grant",
    .arguments = "list | add TEAM SCOPE [OBJECT] | remove TEAM SCOPE [OBJECT]",
    .min_arguments = 1,
    .max_arguments = 4,
    .summary = "Say what teams may do",
    .description =
        "The scopes are read, publish:new, publish:update, group:publish, group:contract, yank,\n"
        "environment and report. OBJECT is * (the default), the beginning of package names or of\n"
        "groups up to a separator, or the name of an environment. Needs an administrator's token.",
    .options = grant_options,
    .option_count = COUNT_OF(grant_options),
    .exit_codes = "0  listed, done, or there was nothing to do\n",
    .example = "registryctl grant add crm publish:new honeyframe-crm",
    .run = run_grant,
};

// ---- reserve ----

static enum status list_reserved(struct cli *cli, struct error *err) {
    static const struct administration_column columns[] = {
        {{.title = "NAME", .min_width = 8}, "name"},
        {{.title = "PREFIX"}, "prefix"},
        {{.title = "FOR", .min_width = 6}, "team"},
        {{.title = "REASON", .min_width = 10}, "reason"},
    };
    json_t *items = NULL;
    enum status failed =
        administration_list(cli, "/v1/reserved-names", "reserved_names", &items, err);
    return failed ? failed
                  : administration_print(cli, items, columns, COUNT_OF(columns),
                                         "No name is reserved.", err);
}

static enum status run_reserve(struct cli *cli, struct error *err) {
    const char *action = cli->arguments[0];
    if (strcmp(action, "list") == 0) {
        return list_reserved(cli, err);
    }
    bool is_adding = strcmp(action, "add") == 0;
    if (!is_adding && strcmp(action, "remove") != 0) {
        return fail(err, STATUS_USAGE, NULL,
                    "There is no reserve %s; known are list, add and remove", action);
    }
    enum status failed = administration_arguments(cli, 1, 1, "add|remove NAME", err);
    if (failed) {
        return failed;
    }
    const char *path = administration_path(cli, "/v1/reserved-names", cli->arguments + 1, 1);
    if (!is_adding) {
        return change(cli, "DELETE", path, NULL, err);
    }
    json_t *body =
        json_pack("{s:b,s:o,s:o}", "prefix", cli->options.is_prefix, "team",
                  json_text(cli->options.team), "reason", json_text(cli->options.reason));
    return body ? change(cli, "PUT", path, body, err) : fail_no_memory(err);
}

const struct command command_reserve = {
    .name = "reserve",
    .arguments = "list | add NAME | remove NAME",
    .min_arguments = 1,
    .max_arguments = 2,
    .summary = "Keep package names from being taken",
    .description =
        "Names that are taken for a reserved one are kept too. What is published already\n"
        "stays. Needs an administrator's token.",
    .options = reserve_options,
    .option_count = COUNT_OF(reserve_options),
    .exit_codes = "0  listed, done\n1  the name is not reserved\n",
    .example = "registryctl reserve add honeyframe --prefix --team platform",
    .run = run_reserve,
};

// ---- owner ----

static enum status run_owner(struct cli *cli, struct error *err) {
    const char *path = administration_path(cli, "/v1/packages", cli->arguments, 1);
    json_t *body = json_pack("{s:o}", "team", json_text(cli->arguments[1]));
    path = path ? arena_printf(cli->arena, "%s/owner", path) : NULL;
    return body ? change(cli, "PUT", path, body, err) : fail_no_memory(err);
}

const struct command command_owner = {
    .name = "owner",
    .arguments = "PACKAGE TEAM",
    .min_arguments = 2,
    .max_arguments = 2,
    .summary = "Give a package to a team",
    .description =
        "The team that publishes a name first owns it: it may publish further releases and\n"
        "yank them without a grant. Needs an administrator's token.",
    .exit_codes = "0  done, or the team has it already\n1  there is no such package\n",
    .example = "registryctl owner honeyframe-crm crm",
    .run = run_owner,
};
