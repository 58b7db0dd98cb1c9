// SPDX-License-Identifier: MIT
// registryctl token create|list|show|revoke
#include "client/cli/input/administration.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <string.h>

enum { NUMBER_DIGITS_MAX = 18 };

static const struct option_row options[] = {
    {"--team", "TEAM", offsetof(struct options, team),
     "whose grants it uses; default: a team of the token's own name", false},
    {"--kind", "KIND", offsetof(struct options, kind), "user (the default), ci or admin", false},
    {"--scope", "SCOPE", offsetof(struct options, scopes),
     "of its team's rights; default: read, publish, yank, report", true},
    {"--prefix", "NAME", offsetof(struct options, prefix),
     "only packages of this name, or that begin with it and a separator", false},
    {"--days", "DAYS", offsetof(struct options, days), "its life, 1 to 365; default 90", false},
    {"--grant", NULL, offsetof(struct options, grant),
     "also grant the team these scopes: on the prefix, else on all", false},
    {"--reason", "TEXT", offsetof(struct options, reason), "why it is revoked", false},
};

static bool add_scope(json_t *list, const char *scope) {
    static const char *const publish[] = {"publish:new", "publish:update", "group:publish"};
    if (strcmp(scope, "publish") != 0) {
        return json_array_append_new(list, json_text(scope)) == 0;
    }
    for (size_t i = 0; i < COUNT_OF(publish); i++) {
        if (json_array_append_new(list, json_string(publish[i]))) {
            return false;
        }
    }
    return true;
}

static json_t *encode_scopes(const struct options *given) {
    static const char *const usual[] = {"read", "publish", "yank", "report"};
    bool is_admin = given->kind && strcmp(given->kind, "admin") == 0;
    size_t count = given->scopes.count ? given->scopes.count : COUNT_OF(usual);
    const char *const *items = given->scopes.count ? given->scopes.items : usual;
    scoped(cleanup_json) json_t *list = json_array();
    for (size_t i = 0; list && i < count && (!is_admin || given->scopes.count); i++) {
        if (!add_scope(list, items[i])) {
            return NULL;
        }
    }
    return take(list);
}

static enum status read_number(const char *text, const char *what, json_int_t *ret_number,
                               struct error *err) {
    size_t len = strspn(text, "0123456789");
    if (!len || text[len] || len > NUMBER_DIGITS_MAX) {
        return fail(err, STATUS_USAGE, NULL, "%s is a number, not \"%s\"", what, text);
    }
    *ret_number = strtoll(text, NULL, 10);
    return STATUS_OK;
}

static enum status print_new(struct cli *cli, const json_t *token, struct error *err) {
    struct output *output = &cli->output;
    const char *text = json_string_value(json_object_get(token, "token"));
    if (!text) {
        return fail(err, STATUS_UNREACHABLE, NULL, "The registry's answer holds no token");
    }
    text = output_text(output, text);
    if (cli->options.format && strcmp(cli->options.format, cli->command->format) == 0) {
        output_print(output, COLOR_NONE, "%s\n", text);
        return STATUS_OK;
    }
    if (output->json) {
        return output_json(output, json_deep_copy(token), err);
    }
    output_print(output, COLOR_GREEN, "%s\n", text);
    output_print(output, COLOR_DIM, "number %s, of %s, until %s; it is not shown again\n",
                 administration_text(cli, token, "id"),
                 output_text(output, administration_text(cli, token, "team")),
                 output_text(output, administration_text(cli, token, "expires_at")));
    return STATUS_OK;
}

static enum status create(struct cli *cli, struct error *err) {
    const struct options *given = &cli->options;
    json_int_t days = 0;
    enum status failed = administration_arguments(cli, 1, 1, "create NAME", err);
    if (!failed && given->days) {
        failed = read_number(given->days, "--days", &days, err);
    }
    if (failed) {
        return failed;
    }
    // clang-format off
    json_t *body = json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:b}",
                             "name", json_text(cli->arguments[1]),
                             "team", json_text(given->team),
                             "kind", json_text(given->kind),
                             "scopes", encode_scopes(given),
                             "prefix", json_text(given->prefix),
                             "days", given->days ? json_integer(days) : json_null(),
                             "grant", given->grant);
    // clang-format on
    scoped(cleanup_json) json_t *answer = NULL;
    if (!body) {
        return fail_no_memory(err);
    }
    failed = administration_send(cli, "POST", "/v1/tokens", body, &answer, err);
    return failed ? failed : print_new(cli, answer, err);
}

static enum status print_tokens(struct cli *cli, json_t *items, struct error *err) {
    static const struct administration_column columns[] = {
        {{.title = "NUMBER"}, "id"},
        {{.title = "TEAM", .min_width = 8}, "team"},
        {{.title = "NAME", .min_width = 8}, "name"},
        {{.title = "KIND"}, "kind"},
        {{.title = "STATE"}, "state"},
        {{.title = "EXPIRES", .min_width = 10}, "expires_at"},
        {{.title = "LAST USED", .min_width = 10, .optional = true}, "last_used_at"},
        {{.title = "SCOPES", .min_width = 10, .optional = true}, "scopes"},
    };
    return administration_print(cli, items, columns, COUNT_OF(columns), "There are no such tokens.",
                                err);
}

static enum status list(struct cli *cli, struct error *err) {
    json_t *items = NULL;
    enum status failed = administration_arguments(cli, 0, 0, "list", err);
    failed = failed ? failed : administration_list(cli, "/v1/tokens", "tokens", &items, err);
    return failed ? failed : print_tokens(cli, items, err);
}

static enum status print_one(struct cli *cli, const json_t *token, struct error *err) {
    static const char *const keys[] = {"id",         "name",          "team",         "kind",
                                       "state",      "scopes",        "prefix",       "created_at",
                                       "created_by", "expires_at",    "last_used_at", "revoked_at",
                                       "revoked_by", "revoked_reason"};
    if (cli->output.json) {
        return output_json(&cli->output, json_deep_copy(token), err);
    }
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const char *text = administration_text(cli, token, keys[i]);
        if (text) {
            output_print(&cli->output, COLOR_DIM, "%-15s", keys[i]);
            output_print(&cli->output, COLOR_NONE, "%s\n", output_text(&cli->output, text));
        }
    }
    const json_t *grants = json_object_get(token, "grants");
    for (size_t i = 0; i < json_array_size(grants); i++) {
        const json_t *grant = json_array_get(grants, i);
        output_print(&cli->output, COLOR_DIM, "%-15s", i ? "" : "grants");
        output_print(&cli->output, COLOR_NONE, "%s %s\n",
                     output_text(&cli->output, administration_text(cli, grant, "scope")),
                     output_text(&cli->output, administration_text(cli, grant, "object")));
    }
    return STATUS_OK;
}

static enum status show(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    enum status failed = administration_arguments(cli, 0, 1, "show [NUMBER]", err);
    if (failed) {
        return failed;
    }
    const char *path = cli->argument_count > 1
                           ? administration_path(cli, "/v1/tokens", cli->arguments + 1, 1)
                           : "/v1/token";
    failed = administration_send(cli, "GET", path, NULL, &answer, err);
    return failed ? failed : print_one(cli, answer, err);
}

static enum status print_revoked(struct cli *cli, const json_t *answer, struct error *err) {
    const json_t *leaked = json_object_get(answer, "revoked");
    bool was_ours = !leaked || json_is_true(leaked);
    cli->exit_code = !was_ours;
    if (cli->output.json) {
        return output_json(&cli->output, json_deep_copy(answer), err);
    }
    output_print(&cli->output, was_ours ? COLOR_GREEN : COLOR_YELLOW, "%s\n",
                 was_ours ? "revoked" : "this registry knows no such token");
    return STATUS_OK;
}

// A token's text instead of its number: whoever has it may have it revoked.
static enum status revoke_token(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    enum status failed = administration_arguments(cli, 1, 1, "revoke NUMBER|TOKEN", err);
    if (failed) {
        return failed;
    }
    const char *word = cli->arguments[1];
    bool is_text = strncmp(word, "plg", 3) == 0;
    const char *path =
        is_text ? "/v1/tokens/revoke-leaked"
                : arena_printf(cli->arena, "%s/revoke",
                               administration_path(cli, "/v1/tokens", cli->arguments + 1, 1));
    json_t *body = is_text ? json_pack("{s:o}", "token", json_text(word))
                           : json_pack("{s:o}", "reason", json_text(cli->options.reason));
    if (!body) {
        return fail_no_memory(err);
    }
    failed = administration_send(cli, "POST", path, body, &answer, err);
    return failed ? failed : print_revoked(cli, answer, err);
}

static enum status run(struct cli *cli, struct error *err) {
    static const struct {
        const char *name;
        enum status (*run)(struct cli *cli, struct error *err);
    } actions[] = {{"create", create}, {"list", list}, {"show", show}, {"revoke", revoke_token}};
    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        if (strcmp(actions[i].name, cli->arguments[0]) == 0) {
            return actions[i].run(cli, err);
        }
    }
    return fail(err, STATUS_USAGE, NULL,
                "There is no token %s; known are create, list, show and revoke", cli->arguments[0]);
}

const struct command command_token = {
    .name = "token",
    .arguments = "create NAME | list | show [NUMBER] | revoke NUMBER|TOKEN",
    .min_arguments = 1,
    .max_arguments = 2,
    .format = "token",
    .summary = "Make, list and revoke tokens",
    .description =
        "create prints the new token, once; with --format token nothing else. A token can do what\n"
        "its team is granted, and of that what its scopes say. show without a number is about the\n"
        "token in use. revoke takes a number, or the text of a token that got into wrong hands:\n"
        "then no other right is needed. The scope publish is short for publish:new,\n"
        "publish:update and group:publish. The rest needs an administrator's token.",
    .options = options,
    .option_count = COUNT_OF(options),
    .exit_codes = "0  made, listed, shown, revoked\n"
                  "1  there is no such token\n",
    .example = "registryctl token create laptop --team crm --prefix crm --grant",
    .run = run,
};
