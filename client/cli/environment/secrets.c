// SPDX-License-Identifier: MIT
// registryctl secrets: the key that seals secrets of environments. Setting a secret is setting a setting
// (environment_settings.c); nothing here shows a value.
#include "client/cli/console/command.h"
#include "client/cli/input/administration.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

struct secrets_options {
    bool forget_lost;
};

static const struct option_row rows[] = {
    {"--forget-lost", NULL, offsetof(struct secrets_options, forget_lost),
     "rotate: Remove the secrets whose key is lost"},
};

static const char *number_of(struct cli *cli, const json_t *answer, const char *key) {
    size_t count = (size_t)json_integer_value(json_object_get(answer, key));
    return output_count(&cli->output, count, "secret", "secrets");
}

static enum status print_rotation(struct cli *cli, json_t *answer, struct error *err) {
    json_int_t lost = json_integer_value(json_object_get(answer, "lost"));
    cli->exit_code = lost > 0;
    if (cli->output.json) {
        return output_json(&cli->output, json_incref(answer), err);
    }
    if (!json_is_true(json_object_get(answer, "changed"))) {
        output_print(&cli->output, COLOR_DIM, "No secret was ever set, so there is no key yet.\n");
        return STATUS_OK;
    }
    output_print(&cli->output, COLOR_GREEN, "New key %s: %s sealed again.\n",
                 output_text(&cli->output, administration_text(cli, answer, "key_id")),
                 number_of(cli, answer, "sealed"));
    if (json_integer_value(json_object_get(answer, "removed"))) {
        output_print(&cli->output, COLOR_YELLOW, "%s removed, because their key is lost.\n",
                     number_of(cli, answer, "removed"));
    }
    if (lost) {
        output_print(&cli->output, COLOR_RED,
                     "%s cannot be opened: their key is lost. Put it into the file of keys and "
                     "repeat, or use --forget-lost.\n",
                     number_of(cli, answer, "lost"));
    }
    output_say(&cli->output, COLOR_DIM, "Copy the file of keys to your backup now.\n");
    return STATUS_OK;
}

static enum status rotate(struct cli *cli, struct error *err) {
    const struct secrets_options *given = cli->options;
    scoped(cleanup_json) json_t *answer = NULL;
    json_t *body = json_pack("{s:b}", "forget_lost", given->forget_lost);
    if (!body) {
        return fail_no_memory(err);
    }
    enum status status = administration_send(cli, "POST", "/v1/secrets/rotate", body, &answer, err);
    return status ? status : print_rotation(cli, answer, err);
}

static const struct action actions[] = {
    {"rotate", "", 0, 0, "Make a new key and seal all secrets with it", rotate},
};

const struct command command_secrets = {
    .name = "secrets",
    .arguments = "ACTION",
    .min_arguments = 1,
    COMMAND_ACTIONS(actions),
    .lines = "changed key_id sealed removed lost",
    .summary = "Manage the key that seals secrets of environments",
    .description =
        "Secrets are settings that a group's schema calls \"writeOnly\". Set them with\n"
        "\"registryctl environment settings\"; values are sealed in the database. Hosts need a\n"
        "token with the scope environment:secrets to get them.",
    COMMAND_OPTIONS(rows, struct secrets_options),
    .exit_codes = "0  Done\n1  Some secrets cannot be opened: their key is lost\n",
    .example = "registryctl secrets rotate",
};
