// SPDX-License-Identifier: MIT
// registryctl: what happens around each command. main reads the command line, opens the output, runs the
// command, prints the error and sets the exit code. One arena holds everything until the program ends, so
// commands free nothing. Only this file prints errors and only here a status becomes an exit code.
#include "client/cli/console/arguments.h"
#include "client/cli/console/command.h"
#include "client/cli/console/help.h"
#include "client/cli/host/name_hint.h"
#include "client/cli/settings/credentials.h"
#include "client/include/registryclient.h"
#include "client/fs/printable.h"
#include "client/remote/patience.h"
#include "schema/base/cleanup.h"
#include "schema/base/text.h"

#include <string.h>

enum { TIMEOUT_SECONDS_MAX = 3600, WAIT_SECONDS_MAX = 60 };

// Seconds with up to three decimals, as milliseconds.
// "1.5" is 1500; digits after the third are refused. 0 would mean "the default" further in, so it
// is refused too.
static enum status parse_timeout(const char *text, int *ret_timeout_ms, struct error *err) {
    char *end = NULL;
    long seconds = text && is_digit(*text) ? strtol(text, &end, 10) : -1;
    long ms = 0;
    if (end && *end == '.') {
        end++;
        for (long unit = 100; unit && is_digit(*end); unit /= 10) {
            ms += (*end++ - '0') * unit;
        }
    }
    bool valid = end && !*end && seconds <= TIMEOUT_SECONDS_MAX && seconds + ms > 0;
    if (text && !valid) {
        return fail(err, STATUS_USAGE, NULL,
                    "Invalid --timeout \"%s\". Use a number of seconds up to %d.", text,
                    TIMEOUT_SECONDS_MAX);
    }
    *ret_timeout_ms = text ? (int)(seconds * 1000 + ms) : 0;
    return STATUS_OK;
}

// A token that is kept, or that a command prints, is checked like one that was given.
static enum status add_token(struct cli *cli, struct connection *connection, struct error *err) {
    struct connection with_token = *connection;
    enum status status =
        credentials_token(cli->arena, cli->settings, connection->url, &with_token.token, err);
    if (status || !with_token.token) {
        return status;
    }
    return connection_init(cli->arena, &with_token, connection, err);
}

// One line at the beginning of a wait: a person should know why nothing happens.
static void tell_wait(void *context, int left_s, int total_s) {
    (void)context;
    if (left_s == total_s) {
        fprintf(stderr, "registryctl: waiting %d s: rate limit of the registry\n", total_s);
        fflush(stderr);
    }
}

enum status command_connect(struct cli *cli, struct connection *ret_connection, struct error *err) {
    struct connection given = {
        .url = cli->global.url,
        .token = cli->global.token,
        .environment = cli->global.environment,
        .insecure_plain = cli->global.insecure_plain,
        .ca_file = cli->global.ca_file,
        .client_cert = cli->global.client_cert,
        .client_key = cli->global.client_key,
        .proxy = cli->global.proxy,
    };
    static const struct patience short_patience = {.tell = tell_wait,
                                                   .max_total_s = WAIT_SECONDS_MAX};
    if (!cli->global.no_wait) {
        given.patience = &short_patience;
    }
    const char *timeout = cli->global.timeout;
    enum status status = parse_timeout(timeout ? timeout : settings_variable("REGISTRYD_TIMEOUT"),
                                       &given.timeout_ms, err);
    if (status) {
        return status;
    }
    status = connection_init(cli->arena, &given, ret_connection, err);
    if (status || ret_connection->token) {
        return status;
    }
    return add_token(cli, ret_connection, err);
}

// The formats that only this command, or this action of it, has: "junit", "pylock|requirements".
static const char *own_formats(const struct cli *cli) {
    if (cli->action && cli->action->format) {
        return cli->action->format;
    }
    return cli->command ? cli->command->format : NULL;
}

// The form of the command's lines; NULL when it has none.
static const char *lines_of(const struct cli *cli) {
    const char *lines = cli->command ? cli->command->lines : NULL;
    lines = cli->action && cli->action->lines ? cli->action->lines : lines;
    return lines && *lines ? lines : NULL; // "" hides the lines of the command
}

// What a variable or a profile asks for. Lines that a command does not have are no reason to fail there.
static const char *usual_format(const struct cli *cli) {
    const char *format = settings_variable("REGISTRYD_FORMAT");
    bool is_lines = format && strcmp(format, "lines") == 0;
    return is_lines && !lines_of(cli) ? NULL : format;
}

// A format of the command's own is printed by the command itself; everything else then behaves as for
// JSON.
static const char *format_of(const struct cli *cli) {
    const char *format = cli->global.format;
    struct text own = text_from(own_formats(cli));
    struct text name;
    if (!format) {
        return usual_format(cli);
    }
    while (format && text_split(&own, '|', &name)) {
        if (text_equals(name, format)) {
            return "json";
        }
    }
    return format;
}

static enum status open_output(struct cli *cli, struct error *err) {
    bool is_help = cli->global.help || cli->global.version || !cli->command;
    const char *lines = lines_of(cli);
    const char *own = own_formats(cli);
    enum status status =
        output_init(&cli->output, cli->arena, format_of(cli), is_help ? "" : lines, err);
    cli->output.quiet = cli->global.quiet;
    if (status == STATUS_USAGE && own && cli->global.format) {
        return fail(err, STATUS_USAGE, NULL, "Unknown format \"%s\". Use one of table|json|%s%s.",
                    cli->global.format, lines ? "lines|" : "", own);
    }
    return status;
}

// A file that is wrong stops every command but those that help to correct it.
static enum status load_settings(struct cli *cli, struct error *err) {
    bool is_help = cli->global.help || cli->global.version || !cli->command;
    struct error *wrong = arena_alloc(cli->arena, sizeof *wrong);
    cli->settings = arena_alloc(cli->arena, sizeof *cli->settings);
    if (!wrong || !cli->settings) {
        return fail_no_memory(err);
    }
    *wrong = (struct error){0};
    enum status status = settings_load(cli->arena, cli->global.profile, cli->settings, wrong);
    if (!status) {
        return settings_apply(cli->settings, err);
    }
    cli->settings_error = wrong;
    if (is_help || cli->command->is_tolerant) {
        return STATUS_OK;
    }
    return fail(err, status, wrong->where, "%s", wrong->message);
}

static enum status run(struct cli *cli, int argc, char **argv, struct error *err) {
    enum status status = arguments_parse(cli, argc, argv, err);
    if (status) {
        return status;
    }
    status = load_settings(cli, err);
    if (status) {
        return status;
    }
    status = open_output(cli, err);
    if (status) {
        return status;
    }
    if (cli->global.version) {
        output_print(&cli->output, COLOR_NONE, "registryctl %s\n", registry_version());
    } else if (cli->global.help) {
        help_print(cli, cli->command);
    } else if (!cli->command) {
        return fail(err, STATUS_USAGE, NULL,
                    "No command given. \"registryctl --help\" lists the commands.");
    } else {
        status = cli->action ? cli->action->run(cli, err) : cli->command->run(cli, err);
    }
    if (status) {
        return status;
    }
    return output_done(&cli->output, err);
}

// The parts come from the network or a file name, so they are made printable. Without memory for
// that, the message is shown as it is: fail_v made it printable already.
static void print_error(struct arena *arena, const struct error *err) {
    const char *where = printable_line(arena, err->where);
    const char *message = printable_line(arena, err->message);
    bool shown = where && message;
    fprintf(stderr, "registryctl: %s%s%s\n", shown ? where : "", shown && *where ? ": " : "",
            shown ? message : err->message);
}

int main(int argc, char **argv) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct cli cli = {.arena = arena};
    struct error err = {0};
    if (!arena) {
        fprintf(stderr, "registryctl: out of memory\n");
        return status_info(STATUS_NO_MEMORY)->exit_code;
    }
    enum status status = run(&cli, argc, argv, &err);
    if (status) {
        fflush(stdout);
        print_error(arena, &err);
        if (status == STATUS_UNAUTHORIZED && !cli.global.quiet) {
            fputs("registryctl: Set REGISTRYD_TOKEN, or run \"registryctl login\"\n", stderr);
        }
        if (status == STATUS_NOT_FOUND && cli.command && !cli.global.quiet) {
            name_hint_print(&cli);
        }
        return status_info(status)->exit_code;
    }
    return cli.exit_code;
}
