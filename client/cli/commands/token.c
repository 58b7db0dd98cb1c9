// SPDX-License-Identifier: MIT
// registryctl token: tokens of users, CI jobs and administrators. The text of a token exists only in the
// answer to "create": the registry keeps a hash. "revoke" takes a number, for an administrator, or the text
// itself, which needs no other token: so a leaked token can be revoked at once.
#include "client/cli/input/rights_table.h"
#include "client/cli/input/administration.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <string.h>

enum { NUMBER_DIGITS_MAX = 18, KEY_WIDTH = 15 };

struct token_options {
    const char *team;
    const char *kind;
    struct words scopes;
    const char *prefix;
    const char *days;
    bool grant;
    const char *reason;
};

#define SCOPE_OFFERS                                                                               \
    "read|publish|publish:new|publish:update|group:publish|group:contract|yank|environment|"       \
    "environment:read|environment:secrets|report|import"

static const struct option_row rows[] = {
    {"--team", "TEAM", offsetof(struct token_options, team),
     "create: Team whose grants the token uses. list: Only this team"},
    {"--kind", "KIND", offsetof(struct token_options, kind),
     "create: user (the default), ci or admin", .choices = "user|ci|admin"},
    {"--scope", "SCOPE", offsetof(struct token_options, scopes),
     "create: Scope of the token; default: read, publish, yank, report", .repeats = true,
     .offers = SCOPE_OFFERS},
    {"--prefix", "NAME", offsetof(struct token_options, prefix),
     "create: Only packages whose names are NAME or begin with it"},
    {"--days", "DAYS", offsetof(struct token_options, days),
     "create: Lifetime, 1 to 365; default 90", .min_number = 1, .max_number = 365},
    {"--grant", NULL, offsetof(struct token_options, grant),
     "create: Also grant these scopes to the team, within --prefix"},
    {"--reason", "TEXT", offsetof(struct token_options, reason), "revoke: Reason"},
};

// "publish" is known here only: the registry has the three scopes it stands for.
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

// Without --scope a token gets the usual scopes. An administrator's token gets none: its kind says it all.
static json_t *encode_scopes(const struct token_options *given) {
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

// Numbers are checked here, so that a typing error is a usage error (exit 2) and needs no request.
static enum status read_number(const char *text, const char *what, json_int_t *ret_number,
                               struct error *err) {
    size_t len = strspn(text, "0123456789");
    if (!len || text[len] || len > NUMBER_DIGITS_MAX) {
        return fail(err, STATUS_USAGE, NULL, "Invalid %s \"%s\". Use a number.", what, text);
    }
    *ret_number = strtoll(text, NULL, 10);
    return STATUS_OK;
}

// Prints the text of a new token, the one time that it exists. With --format token it stands alone, so that a
// script can write TOKEN=$(registryctl token create ci --format token).
static enum status print_new(struct cli *cli, const json_t *token, struct error *err) {
    struct output *output = &cli->output;
    const char *text = json_string_value(json_object_get(token, "token"));
    if (!text) {
        return fail(err, STATUS_UNREACHABLE, NULL,
                    "The registry sent an unexpected answer: the token is missing.");
    }
    text = output_text(output, text);
    if (cli->global.format && strcmp(cli->global.format, cli->action->format) == 0) {
        output_print(output, COLOR_NONE, "%s\n", text);
        return STATUS_OK;
    }
    if (output->json) {
        return output_json(output, json_deep_copy(token), err);
    }
    output_print(output, COLOR_GREEN, "%s\n", text);
    output_print(output, COLOR_DIM, "Token %s of team %s, valid until %s. It is not shown again.\n",
                 administration_text(cli, token, "id"),
                 output_text(output, administration_text(cli, token, "team")),
                 output_text(output, administration_text(cli, token, "expires_at")));
    return rights_table_print(cli, token, err);
}

// `days` counts only when --days is given. Owned; NULL when out of memory.
static json_t *encode_token(struct cli *cli, json_int_t days) {
    const struct token_options *given = cli->options;
    // clang-format off
    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:b,s:b}",
                     "name", json_text(cli->arguments[1]),
                     "team", json_text(given->team),
                     "kind", json_text(given->kind),
                     "scopes", encode_scopes(given),
                     "prefix", json_text(given->prefix),
                     "days", given->days ? json_integer(days) : json_null(),
                     "grant", given->grant,
                     "needs_right", true);
    // clang-format on
}

// A new team is granted nothing, so a name alone makes a token that every request would refuse. The registry judges
// the rest, because only it knows what a team is granted.
static enum status check_right(const struct cli *cli, struct error *err) {
    const struct token_options *given = cli->options;
    bool is_admin = given->kind && strcmp(given->kind, "admin") == 0;
    if (given->grant || given->team || given->scopes.count || is_admin) {
        return STATUS_OK;
    }
    const char *name = cli->arguments[1];
    return fail(
        err, STATUS_USAGE, NULL,
        "The token \"%s\" would have no right. To publish: \"registryctl token create %s%s%s "
        "--grant\". To administer: \"registryctl token create %s --kind admin\".",
        name, name, given->prefix ? " --prefix " : "", given->prefix ? given->prefix : "", name);
}

// The answer is the only place where the token stands: the registry keeps no more than its hash.
static enum status create(struct cli *cli, struct error *err) {
    const struct token_options *given = cli->options;
    json_int_t days = 0;
    enum status status = check_right(cli, err);
    if (status) {
        return status;
    }
    if (given->days) {
        status = read_number(given->days, "--days", &days, err);
    }
    if (status) {
        return status;
    }
    json_t *body = encode_token(cli, days);
    scoped(cleanup_json) json_t *answer = NULL;
    if (!body) {
        return fail_no_memory(err);
    }
    status = administration_send(cli, "POST", "/v1/tokens", body, &answer, err);
    if (status) {
        return status;
    }
    return print_new(cli, answer, err);
}

// "id" is shown as NUMBER: it is what "show" and "revoke" take, and is no secret.
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
    return administration_print(cli, items, columns, COUNT_OF(columns), "No tokens found.", err);
}

static enum status list(struct cli *cli, struct error *err) {
    const struct token_options *given = cli->options;
    json_t *items = NULL;
    enum status status = administration_list(cli, "/v1/tokens", "tokens", given->team, &items, err);
    if (status) {
        return status;
    }
    return print_tokens(cli, items, err);
}

// Members without a value get no line.
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
            output_print(&cli->output, COLOR_DIM, "%-*s", KEY_WIDTH, keys[i]);
            output_wrapped(&cli->output, COLOR_NONE, KEY_WIDTH, output_text(&cli->output, text));
            output_print(&cli->output, COLOR_NONE, "\n");
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

// Without a number, the token that the request is sent with: a team can see what its own token allows.
static enum status show(struct cli *cli, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    const char *path = cli->argument_count > 1
                           ? administration_path(cli, "/v1/tokens", cli->arguments + 1, 1)
                           : "/v1/token";
    enum status status = administration_send(cli, "GET", path, NULL, &answer, err);
    if (status) {
        return status;
    }
    return print_one(cli, answer, err);
}

// A text that is not a token of this registry is an answer, too; the exit code says so.
static enum status print_revoked(struct cli *cli, const json_t *answer, struct error *err) {
    const json_t *leaked = json_object_get(answer, "revoked");
    bool was_ours = !leaked || json_is_true(leaked);
    cli->exit_code = !was_ours;
    if (cli->output.json) {
        return output_json(&cli->output, json_deep_copy(answer), err);
    }
    output_say(&cli->output, was_ours ? COLOR_GREEN : COLOR_YELLOW, "%s\n",
               was_ours ? "Revoked." : "Unknown token.");
    return STATUS_OK;
}

// The text of a token begins with "plg"; anything else is a number.
static enum status revoke_token(struct cli *cli, struct error *err) {
    const struct token_options *given = cli->options;
    scoped(cleanup_json) json_t *answer = NULL;
    const char *word = cli->arguments[1];
    bool is_text = strncmp(word, "plg", 3) == 0;
    const char *path =
        is_text ? "/v1/tokens/revoke-leaked"
                : arena_printf(cli->arena, "%s/revoke",
                               administration_path(cli, "/v1/tokens", cli->arguments + 1, 1));
    json_t *body = is_text ? json_pack("{s:o}", "token", json_text(word))
                           : json_pack("{s:o}", "reason", json_text(given->reason));
    if (!body) {
        return fail_no_memory(err);
    }
    enum status status = administration_send(cli, "POST", path, body, &answer, err);
    if (status) {
        return status;
    }
    return print_revoked(cli, answer, err);
}

static const struct action actions[] = {
    {"create", "NAME", 1, 1, "Create a token and print it, once", create,
     "token id team name kind expires_at scopes prefix", "token"},
    {"list", "", 0, 0, "List all tokens", list},
    {"show", "[NUMBER]", 0, 1, "Show a token; without NUMBER, the token in use", show},
    {"revoke", "NUMBER|TOKEN", 1, 1, "Revoke a token by its number or its text", revoke_token,
     "id name team revoked_at; revoked"},
};

const struct command command_token = {
    .name = "token",
    .arguments = "ACTION [NAME|NUMBER|TOKEN]",
    .min_arguments = 1,
    COMMAND_ACTIONS(actions),
    .lines = "id team name kind state expires_at last_used_at scopes prefix",
    .summary = "Create, list, show and revoke tokens",
    .description =
        "A token may do what its team is granted, limited by its scopes and its prefix. A token\n"
        "that could do nothing is not created. With --prefix, --grant grants only scopes on\n"
        "packages, and scopes that name their object, as environment:NAME does. The scope\n"
        "\"publish\" stands for publish:new, publish:update and group:publish. With --format "
        "token,\n"
        "create prints only the token. Showing the token in use and revoking a token by its text\n"
        "require no other token. All other actions require an administrator's token.",
    COMMAND_OPTIONS(rows, struct token_options),
    .exit_codes = "0  Done\n"
                  "1  Unknown token\n",
    .example = "registryctl token create laptop --team crm --prefix crm --grant",
};
