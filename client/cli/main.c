// SPDX-License-Identifier: MIT
// registryctl: the table of commands, and what happens around each: reading the command line, opening
// the output, printing what went wrong, the exit code.
#include "client/cli/arguments.h"
#include "client/cli/command.h"
#include "client/cli/help.h"
#include "client/include/registryclient.h"
#include "client/printable.h"
#include "schema/base/cleanup.h"
#include "schema/base/text.h"

CLEANUP_DEFINE(struct arena *, cleanup_arena, arena_free)

enum { TIMEOUT_SECONDS_MAX = 3600 };

static const struct command *const commands[] = {
    &command_publish,      &command_check,    &command_resolve,    &command_walk,
    &command_discover,     &command_compare,  &command_transition, &command_entry_points,
    &command_requirements, &command_groups,   &command_group,      &command_search,
    &command_show,         &command_yank,     &command_deprecate,  &command_archive,
    &command_quarantine,   &command_snapshot, &command_watch,      &command_environment,
    &command_token,        &command_grant,    &command_reserve,    &command_owner,
    &command_audit,        &command_help,
};

static const struct option_row global_options[] = {
    {"--url", "URL", offsetof(struct options, url),
     "the registry (REGISTRYD_URL); default http://127.0.0.1:7621"},
    {"--environment", "NAME", offsetof(struct options, environment),
     "the environment to ask for (REGISTRYD_ENVIRONMENT); default \"default\""},
    {"--token", "TOKEN", offsetof(struct options, token),
     "better given as REGISTRYD_TOKEN, where other users cannot see it"},
    {"--timeout", "SECONDS", offsetof(struct options, timeout),
     "how long one request may take; default 10"},
    {"--format", "FORMAT", offsetof(struct options, format),
     "table or json; default table on a terminal, else json"},
    {"--help", NULL, offsetof(struct options, help), "this text"},
    {"--version", NULL, offsetof(struct options, version), "the version of registryctl"},
};

const struct command *command_at(size_t index) {
    return index < sizeof commands / sizeof commands[0] ? commands[index] : NULL;
}

const struct command *command_find(const char *name) {
    for (size_t i = 0; command_at(i); i++) {
        if (text_equals(text_from(name), command_at(i)->name)) {
            return command_at(i);
        }
    }
    return NULL;
}

const struct option_row *command_global_option(size_t index) {
    return index < sizeof global_options / sizeof global_options[0] ? &global_options[index] : NULL;
}

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
