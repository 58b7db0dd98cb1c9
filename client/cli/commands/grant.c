// SPDX-License-Identifier: MIT
// registryctl grant, reserve and owner: what teams may do, which names they may take, which packages they
// own. These are thin: each action is one request, and the registry checks the scope, the team and the
// name. All changes are idempotent. An administrator's token is required.
#include "client/cli/input/administration.h"
#include "client/cli/input/duration.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <string.h>

struct grant_options {
    const char *team;
    const char *time; // how long a grant lasts
};

// All actions of a command share one table of options; the help text begins with the action it is
// for.
static const struct option_row grant_rows[] = {
    {"--team", "TEAM", offsetof(struct grant_options, team), "list: Only the grants of this team"},
    {"--for", "TIME", offsetof(struct grant_options, time),
     "add: How long it lasts, for example 8h or 3d; default of import: 24h"},
};

struct reserve_options {
    bool is_prefix;
    const char *team;
    const char *reason;
};

static const struct option_row reserve_rows[] = {
    {"--prefix", NULL, offsetof(struct reserve_options, is_prefix),
     "add: Also reserve names that begin with NAME and a separator"},
    {"--team", "TEAM", offsetof(struct reserve_options, team), "add: Team that may use the name"},
    {"--reason", "TEXT", offsetof(struct reserve_options, reason),
     "add: Reason for the reservation"},
};

// Sends a change and prints whether there was one.
static enum status change(struct cli *cli, const char *method, const char *path, json_t *body,
                          struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    enum status status = administration_send(cli, method, path, body, &answer, err);
    if (status) {
        return status;
    }
    if (cli->output.json) {
        return output_json(&cli->output, take(answer), err);
    }
    bool is_unchanged = json_is_false(json_object_get(answer, "changed"));
    output_say(&cli->output, is_unchanged ? COLOR_DIM : COLOR_GREEN, "%s\n",
               is_unchanged ? "Unchanged." : "Done.");
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
        {{.title = "UNTIL", .min_width = 10, .optional = true}, "expires_at"},
    };
    const struct grant_options *given = cli->options;
    json_t *items = NULL;
    enum status status = administration_list(cli, "/v1/grants", "grants", given->team, &items, err);
    if (status) {
        return status;
    }
    return administration_print(cli, items, columns, COUNT_OF(columns), "No grants found.", err);
}

// A grant has no number: team, scope and object name it, so adding and removing it are the same address.
static const char *grant_path(struct cli *cli) {
    const char *parts[] = {cli->arguments[1], cli->arguments[2],
                           cli->argument_count > 3 ? cli->arguments[3] : "*"};
    return administration_path(cli, "/v1/grants", parts, COUNT_OF(parts));
}

static enum status add_grant(struct cli *cli, struct error *err) {
    const struct grant_options *given = cli->options;
    const char *path = grant_path(cli);
    long long seconds = 0;
    if (given->time && (!duration_parse(given->time, &seconds) || !seconds)) {
        return fail(err, STATUS_USAGE, NULL,
                    "Invalid --for \"%s\". Use a length of time, for example 8h or 3d.",
                    given->time);
    }
    if (seconds > LIMIT_GRANT_SECONDS) {
        return fail(err, STATUS_USAGE, NULL, "Invalid --for \"%s\". Use at most 30d.", given->time);
    }
    path = path && seconds ? arena_printf(cli->arena, "%s?for_seconds=%lld", path, seconds) : path;
    return change(cli, "PUT", path, NULL, err);
}

// DELETE of a grant that does not exist is "Unchanged.", as every repeated change is.
static enum status remove_grant(struct cli *cli, struct error *err) {
    return change(cli, "DELETE", grant_path(cli), NULL, err);
}

#define GRANT_LINES "team scope object granted changed"
static const struct action grant_actions[] = {
    {"list", "", 0, 0, "List all grants", list_grants},
    {"add", "TEAM SCOPE [OBJECT]", 2, 3, "Grant a scope to a team", add_grant, GRANT_LINES},
    {"remove", "TEAM SCOPE [OBJECT]", 2, 3, "Revoke a grant", remove_grant, GRANT_LINES},
};

const struct command command_grant = {
    .name = "grant",
    .arguments = "ACTION [TEAM SCOPE [OBJECT]]",
    .min_arguments = 1,
    COMMAND_ACTIONS(grant_actions),
    .lines = "team scope object created_at created_by",
    .summary = "Manage the permissions of teams",
    .description =
        "Scopes: read, publish:new, publish:update, group:publish, group:contract, yank,\n"
        "environment, report and import. OBJECT is * (the default), a prefix of package or group\n"
        "names that ends at a separator, or the name of an environment. With import, what the\n"
        "team publishes has no rate limit and keeps its upload time; it ends by itself. A revoked\n"
        "grant has no effect from the next request on. Requires an administrator's token.",
    COMMAND_OPTIONS(grant_rows, struct grant_options),
    .exit_codes = "0  Done, or no change was needed\n",
    .example = "registryctl grant add crm publish:new honeyframe-crm",
};

// ---- reserve ----

static enum status list_reserved(struct cli *cli, struct error *err) {
    static const struct administration_column columns[] = {
        {{.title = "NAME", .min_width = 8}, "name"},
        {{.title = "PREFIX"}, "prefix"},
        {{.title = "FOR", .min_width = 6}, "team"},
        {{.title = "REASON", .min_width = 10}, "reason"},
    };
    const struct reserve_options *given = cli->options;
    json_t *items = NULL;
    enum status status =
        administration_list(cli, "/v1/reserved-names", "reserved_names", given->team, &items, err);
    if (status) {
        return status;
    }
    return administration_print(cli, items, columns, COUNT_OF(columns), "No names are reserved.",
                                err);
}

// The name goes into the path and the rest into the body: PUT /v1/reserved-names/honeyframe with
// {"prefix": true, "team": "platform", "reason": null}.
static enum status add_reserved(struct cli *cli, struct error *err) {
    const struct reserve_options *given = cli->options;
    const char *path = administration_path(cli, "/v1/reserved-names", cli->arguments + 1, 1);
    json_t *body = json_pack("{s:b,s:o,s:o}", "prefix", given->is_prefix, "team",
                             json_text(given->team), "reason", json_text(given->reason));
    return body ? change(cli, "PUT", path, body, err) : fail_no_memory(err);
}

static enum status remove_reserved(struct cli *cli, struct error *err) {
    const char *path = administration_path(cli, "/v1/reserved-names", cli->arguments + 1, 1);
    return change(cli, "DELETE", path, NULL, err);
}

#define RESERVE_LINES "name prefix team reserved"
static const struct action reserve_actions[] = {
    {"list", "", 0, 0, "List the reserved names", list_reserved},
    {"add", "NAME", 1, 1, "Reserve a name", add_reserved, RESERVE_LINES},
    {"remove", "NAME", 1, 1, "Release a reserved name", remove_reserved, RESERVE_LINES},
};

const struct command command_reserve = {
    .name = "reserve",
    .arguments = "ACTION [NAME]",
    .min_arguments = 1,
    COMMAND_ACTIONS(reserve_actions),
    .lines = "name prefix team reason created_at created_by",
    .summary = "Manage reserved package names",
    .description =
        "Only the given team can publish a package with a reserved name, or with a name that is\n"
        "too similar to it. Existing packages keep their names. Requires an administrator's\n"
        "token.",
    COMMAND_OPTIONS(reserve_rows, struct reserve_options),
    .exit_codes = "0  Done\n1  The name is not reserved\n",
    .example = "registryctl reserve add honeyframe --prefix --team platform",
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
    .lines = "package owner changed",
    .summary = "Transfer a package to a team",
    .description =
        "The team that publishes the first release of a package owns the package. The owner can\n"
        "publish and yank releases without a grant. Requires an administrator's token.",
    .exit_codes = "0  Done, or the team owned the package already\n1  Unknown package\n",
    .example = "registryctl owner honeyframe-crm crm",
    .run = run_owner,
};
