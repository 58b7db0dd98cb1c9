// SPDX-License-Identifier: MIT
// registryctl: what happens around each command. It reads the command line, opens the output, runs
// the command, prints the error and sets the exit code.
#include "client/cli/console/arguments.h"
#include "client/cli/console/command.h"
#include "client/cli/console/help.h"
#include "client/include/registryclient.h"
#include "client/fs/printable.h"
#include "schema/base/cleanup.h"
#include "schema/base/text.h"

enum { TIMEOUT_SECONDS_MAX = 3600 };

// Seconds with up to three decimals, as milliseconds.
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
                    "--timeout is a number of seconds, at most %d, not \"%s\"", TIMEOUT_SECONDS_MAX,
                    text);
    }
    *ret_timeout_ms = text ? (int)(seconds * 1000 + ms) : 0;
    return STATUS_OK;
}

enum status command_connect(struct cli *cli, struct connection *ret_connection, struct error *err) {
    struct connection given = {
        .url = cli->options.url,
        .token = cli->options.token,
        .environment = cli->options.environment,
        .insecure_plain = cli->options.insecure_plain,
    };
    enum status failed = parse_timeout(cli->options.timeout, &given.timeout_ms, err);
    return failed ? failed : connection_init(cli->arena, &given, ret_connection, err);
}

// A format of the command's own is printed by the command; for the rest it is as with JSON.
static const char *format_of(const struct cli *cli) {
    const char *format = cli->options.format;
    const char *own = cli->command ? cli->command->format : NULL;
    return format && own && text_equals(text_from(format), own) ? "json" : format;
}

static enum status run(struct cli *cli, int argc, char **argv, struct error *err) {
    enum status failed = arguments_parse(cli, argc, argv, err);
    failed = failed ? failed : output_init(&cli->output, cli->arena, format_of(cli), err);
    if (failed) {
        return failed;
    }
    if (cli->options.version) {
        output_print(&cli->output, COLOR_NONE, "registryctl %s\n", registry_version());
    } else if (cli->options.help) {
        help_print(cli, cli->command);
    } else if (!cli->command) {
        return fail(err, STATUS_USAGE, NULL,
                    "Say what to do; registryctl --help lists the commands");
    } else {
        failed = cli->command->run(cli, err);
    }
    return failed ? failed : output_done(&cli->output, err);
}

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
    enum status failed = run(&cli, argc, argv, &err);
    if (failed) {
        fflush(stdout);
        print_error(arena, &err);
        return status_info(failed)->exit_code;
    }
    return cli.exit_code;
}
