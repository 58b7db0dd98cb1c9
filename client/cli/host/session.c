// SPDX-License-Identifier: MIT
// registryctl login, logout and whoami. A token is asked for where no other user can see it: on a terminal without
// echo, or on standard input. It is tried before it is kept, so that a mistake shows at once.
#include "client/cli/input/rights_table.h"
#include "client/cli/input/administration.h"
#include "client/cli/settings/credentials.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/text.h"
#include "schema/json/json.h"

#include <string.h>
#include <termios.h>
#include <unistd.h>

struct login_options {
    const char *command;
};

struct logout_options {
    bool revoke;
};

// The address of the argument, else the one that the settings give; completed and checked.
static enum status choose_url(struct cli *cli, const char **ret_url, struct error *err) {
    const struct connection given = {.url =
                                         cli->argument_count ? cli->arguments[0] : cli->global.url};
    struct connection made;
    enum status status = connection_init(cli->arena, &given, &made, err);
    if (status) {
        return status;
    }
    cli->global.url = made.url;
    *ret_url = made.url;
    return STATUS_OK;
}

// ---- login ----

// The terminal gets its echo back before anything else happens.
static bool read_silently(char *line, size_t size) {
    struct termios before;
    bool is_terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    if (is_terminal) {
        struct termios silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    bool is_read = fgets(line, (int)size, stdin);
    if (is_terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
    }
    return is_read;
}

static enum status read_token(struct cli *cli, const char *url, const char **ret_token,
                              struct error *err) {
    enum { LINE_BYTES = 4096 };
    const struct login_options *given = cli->options;
    char line[LINE_BYTES] = "";
    if (given->command) {
        return credentials_run(cli->arena, given->command, ret_token, err);
    }
    if (cli->global.token) {
        *ret_token = cli->global.token;
        return STATUS_OK;
    }
    if (isatty(STDIN_FILENO)) {
        fprintf(stderr, "Token for %s: ", output_text(&cli->output, url));
        fflush(stderr);
    }
    struct text token = text_trim(text_from(read_silently(line, sizeof line) ? line : ""));
    *ret_token = arena_copy(cli->arena, token.ptr, token.len);
    explicit_bzero(line, sizeof line);
    if (!*ret_token) {
        return fail_no_memory(err);
    }
    return token.len ? STATUS_OK
                     : fail(err, STATUS_USAGE, NULL,
                            "No token was given. Type it, or pipe it: "
                            "registryctl login < FILE");
}

static enum status print_login(struct cli *cli, const char *url, json_t *token, struct error *err) {
    const char *kept_in = credentials_path(cli->arena);
    struct output *output = &cli->output;
    if (json_object_set_new(token, "url", json_text(url)) ||
        json_object_set_new(token, "kept_in", json_text(kept_in))) {
        return fail_no_memory(err);
    }
    if (output->json) {
        return output_json(output, json_incref(token), err);
    }
    output_say(output, COLOR_GREEN, "Logged in to %s as %s/%s\n", output_text(output, url),
               output_text(output, administration_text(cli, token, "team")),
               output_text(output, administration_text(cli, token, "name")));
    const char *expires = administration_text(cli, token, "expires_at");
    output_say(output, COLOR_DIM, "The token is kept in %s%s%s\n", output_text(output, kept_in),
               expires ? " and is valid until " : "", output_text(output, expires));
    return STATUS_OK;
}

static enum status run_login(struct cli *cli, struct error *err) {
    const struct login_options *given = cli->options;
    scoped(cleanup_json) json_t *answer = NULL;
    const char *url = NULL;
    struct credential kept = {.command = given->command};
    enum status status = choose_url(cli, &url, err);
    if (status) {
        return status;
    }
    status = read_token(cli, url, &cli->global.token, err);
    if (status) {
        return status;
    }
    status = administration_send(cli, "GET", "/v1/token", NULL, &answer, err);
    if (status) {
        return status;
    }
    kept.url = url;
    kept.token = given->command ? NULL : cli->global.token;
    status = credentials_keep(cli->arena, &kept, err);
    if (status) {
        return status;
    }
    return print_login(cli, url, answer, err);
}

// ---- logout ----

// The token revokes itself; no other right is needed.
static enum status revoke_kept(struct cli *cli, const struct credential *kept, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    const char *token = kept->token;
    enum status status =
        kept->command ? credentials_run(cli->arena, kept->command, &token, err) : STATUS_OK;
    if (status) {
        return status;
    }
    json_t *body = json_pack("{s:o}", "token", json_text(token));
    return body ? administration_send(cli, "POST", "/v1/tokens/revoke-leaked", body, &answer, err)
                : fail_no_memory(err);
}

static enum status run_logout(struct cli *cli, struct error *err) {
    const struct logout_options *given = cli->options;
    struct credential kept = {0};
    const char *url = NULL;
    enum status status = choose_url(cli, &url, err);
    if (status) {
        return status;
    }
    status = credentials_find(cli->arena, url, &kept, err);
    if (status) {
        return status;
    }
    bool was_kept = kept.token || kept.command;
    cli->exit_code = !was_kept;
    status = was_kept && given->revoke ? revoke_kept(cli, &kept, err) : STATUS_OK;
    if (status) {
        return status;
    }
    status =
        was_kept ? credentials_keep(cli->arena, &(struct credential){.url = url}, err) : STATUS_OK;
    if (status) {
        return status;
    }
    if (cli->output.json) {
        return output_json(&cli->output,
                           json_pack("{s:s,s:b,s:b}", "url", url, "forgotten", was_kept, "revoked",
                                     was_kept && given->revoke),
                           err);
    }
    output_say(&cli->output, was_kept ? COLOR_GREEN : COLOR_YELLOW, "%s %s%s\n",
               was_kept ? "Logged out of" : "No token is kept for", output_text(&cli->output, url),
               was_kept && given->revoke ? " and revoked the token" : "");
    return STATUS_OK;
}

// ---- whoami ----

static enum status print_anonymous(struct cli *cli, const char *url, struct error *err) {
    cli->exit_code = 1;
    if (cli->output.json) {
        return output_json(
            &cli->output,
            json_pack("{s:s,s:n,s:n,s:n,s:[]}", "url", url, "name", "team", "source", "may"), err);
    }
    output_print(&cli->output, COLOR_YELLOW, "No token is set for %s\n",
                 output_text(&cli->output, url));
    output_print(&cli->output, COLOR_DIM, "Run \"registryctl login\" to keep one.\n");
    return STATUS_OK;
}

static enum status print_self(struct cli *cli, const char *url, json_t *token, struct error *err) {
    struct output *output = &cli->output;
    const char *source = rights_table_source(cli, url);
    if (json_object_set_new(token, "url", json_text(url)) ||
        json_object_set_new(token, "source", json_text(source))) {
        return fail_no_memory(err);
    }
    if (output->json) {
        return output_json(output, json_incref(token), err);
    }
    output_print(output, COLOR_BOLD, "%s/%s",
                 output_text(output, administration_text(cli, token, "team")),
                 output_text(output, administration_text(cli, token, "name")));
    output_print(output, COLOR_NONE, "  %s token %s at %s\n",
                 output_text(output, administration_text(cli, token, "kind")),
                 output_text(output, administration_text(cli, token, "id")),
                 output_text(output, url));
    const char *expires = administration_text(cli, token, "expires_at");
    output_print(output, COLOR_DIM, "from %s, %s%s\n\n", output_text(output, source),
                 expires ? "valid until " : "does not expire", output_text(output, expires));
    return rights_table_print(cli, token, err);
}

static enum status run_whoami(struct cli *cli, struct error *err) {
    struct connection connection;
    scoped(cleanup_json) json_t *answer = NULL;
    enum status status = command_connect(cli, &connection, err);
    if (status) {
        return status;
    }
    if (!connection.token) {
        return print_anonymous(cli, connection.url, err);
    }
    const struct api_call call = {.arena = cli->arena, .connection = &connection};
    const struct fetch_request request = {.method = "GET", .path = "/v1/token"};
    status = api_call_json(&call, &request, &answer, err);
    if (status) {
        return status;
    }
    return print_self(cli, connection.url, answer, err);
}

// ---- rows ----

static const struct option_row login_rows[] = {
    {"--command", "COMMAND", offsetof(struct login_options, command),
     "Keep this shell command, which prints the token, instead of the token"},
};

static const struct option_row logout_rows[] = {
    {"--revoke", NULL, offsetof(struct logout_options, revoke), "Revoke the token, too"},
};

const struct command command_login = {
    .name = "login",
    .arguments = "[URL]",
    .max_arguments = 1,
    .lines = "url team name kind expires_at kept_in",
    .summary = "Keep a token for a registry",
    .description =
        "Reads the token from the terminal, without showing it, or from standard input, asks the\n"
        "registry whether it is valid, and keeps it in credentials.json beside the configuration\n"
        "file. Only its owner can read that file. A kept token is sent to this address only, when\n"
        "--token, REGISTRYD_TOKEN and token-command give none.",
    COMMAND_OPTIONS(login_rows, struct login_options),
    .exit_codes = "0  The token is kept\n3  The registry refused the token\n",
    .example = "registryctl login https://plugins.example.org",
    .run = run_login,
};

const struct command command_logout = {
    .name = "logout",
    .arguments = "[URL]",
    .max_arguments = 1,
    .lines = "url forgotten revoked",
    .summary = "Forget the token of a registry",
    .description = "Removes the token that \"registryctl login\" kept for the address. The token\n"
                   "itself stays valid unless --revoke is given.",
    COMMAND_OPTIONS(logout_rows, struct logout_options),
    .exit_codes = "0  The token is forgotten\n1  No token was kept\n",
    .example = "registryctl logout --revoke",
    .run = run_logout,
};

const struct command command_whoami = {
    .name = "whoami",
    .arguments = "",
    .lines = "may: ^team ^name scope object",
    .summary = "Show the token in use and what it may do",
    .description =
        "Shows the team, the name and the origin of the token, and what the registry lets it do:\n"
        "the grants of its team, limited by the scopes and the prefix of the token.",
    .exit_codes = "0  The token is valid\n1  No token is set\n3  The token is not valid\n",
    .example = "registryctl whoami",
    .run = run_whoami,
};
