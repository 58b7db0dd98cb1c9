// SPDX-License-Identifier: MIT
// registryctl: what happens around each command. main reads the command line, opens the output, runs the
// command, prints the error and sets the exit code. One arena holds everything until the program ends, so
// commands free nothing. Only this file prints errors and only here a status becomes an exit code.
#include "client/cli/console/arguments.h"
#include "client/cli/console/command.h"
#include "client/cli/console/help.h"
#include "client/include/registryclient.h"
#include "client/fs/printable.h"
#include "schema/base/cleanup.h"
#include "schema/base/text.h"

enum { TIMEOUT_SECONDS_MAX = 3600 };

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

enum status command_connect(struct cli *cli, struct connection *ret_connection, struct error *err) {
    struct connection given = {
        .url = cli->global.url,
        .token = cli->global.token,
        .environment = cli->global.environment,
        .insecure_plain = cli->global.insecure_plain,
    };
    enum status status = parse_timeout(cli->global.timeout, &given.timeout_ms, err);
    if (status) {
        return status;
    }
    return connection_init(cli->arena, &given, ret_connection, err);
}

// The formats that only this command, or this action of it, has: "junit", "pylock|requirements".
static const char *own_formats(const struct cli *cli) {
    if (cli->action && cli->action->format) {
        return cli->action->format;
    }
    return cli->command ? cli->command->format : NULL;
}

// A format of the command's own is printed by the command itself; everything else then behaves as for
// JSON.
static const char *format_of(const struct cli *cli) {
    const char *format = cli->global.format;
    struct text own = text_from(own_formats(cli));
    struct text name;
    while (format && text_split(&own, '|', &name)) {
        if (text_equals(name, format)) {
            return "json";
        }
    }
    return format;
}

static enum status open_output(struct cli *cli, struct error *err) {
    bool is_help = cli->global.help || cli->global.version || !cli->command;
    const char *lines = cli->command ? cli->command->lines : NULL;
    const char *own = own_formats(cli);
    lines = cli->action && cli->action->lines ? cli->action->lines : lines;
    lines = lines && *lines ? lines : NULL; // "" hides the lines of the command
    enum status status =
        output_init(&cli->output, cli->arena, format_of(cli), is_help ? "" : lines, err);
    if (status == STATUS_USAGE && own) {
        return fail(err, STATUS_USAGE, NULL, "Unknown format \"%s\". Use one of table|json|%s%s.",
                    cli->global.format, lines ? "lines|" : "", own);
    }
    return status;
}

static enum status run(struct cli *cli, int argc, char **argv, struct error *err) {
    enum status status = arguments_parse(cli, argc, argv, err);
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
        return status_info(status)->exit_code;
    }
    return cli.exit_code;
}
