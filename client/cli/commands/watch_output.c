// SPDX-License-Identifier: MIT
// Lines of `registryctl watch` (watch_tell.h).
#include "client/cli/commands/watch_output.h"

#include "client/fs/printable.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

// One line of JSON; steals it. All beyond ASCII is escaped.
static enum status print_json(struct cli *cli, json_t *json, struct error *err) {
    scoped(cleanup_json) json_t *owned = json;
    scoped(cleanup_memory) char *text =
        owned ? json_dumps(owned, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    if (!text) {
        return fail_no_memory(err);
    }
    output_print(&cli->output, COLOR_NONE, "%s\n", text);
    return output_done(&cli->output, err);
}

enum status watch_output_change(struct cli *cli, const struct change *change, struct error *err) {
    struct output *output = &cli->output;
    if (output->json) {
        // clang-format off
        return print_json(cli, json_pack("{s:s,s:I,s:s,s:o,s:o,s:o,s:s}",
                                         "event", "change",
                                         "serial", (json_int_t)change->serial,
                                         "kind", change->kind,
                                         "package", json_text(change->package),
                                         "version", json_text(change->version),
                                         "at", json_text(change->at),
                                         "groups", change->groups), err);
        // clang-format on
    }
    output_print(output, COLOR_DIM, "%s  ", output_text(output, change->at));
    output_print(output, COLOR_NONE, "serial %lld  %s", (long long)change->serial,
                 output_text(output, change->kind));
    const char *const more[] = {change->package, change->version, change->groups};
    for (size_t i = 0; i < COUNT_OF(more); i++) {
        output_print(output, COLOR_NONE, "%s%s", more[i] && *more[i] ? " " : "",
                     output_text(output, more[i]));
    }
    output_print(output, COLOR_NONE, "\n");
    return output_done(output, err);
}

// The command with the file's name in its environment. Its exit code, or -1 with errno.
static int run_command(const char *command, const char *file) {
    extern char **environ;
    char shell[] = "sh";
    char flag[] = "-c";
    char *const arguments[] = {shell, flag, (char *)command, NULL};
    pid_t child;
    int result = 0;
    if (setenv("REGISTRYD_SNAPSHOT", file, 1) != 0) {
        return -1;
    }
    errno = posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, environ);
    if (errno) {
        return -1;
    }
    while (waitpid(child, &result, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result);
}

static void run_exec(struct cli *cli, const char *file) {
    const char *command = cli->options.exec;
    int code = command ? run_command(command, file) : 0;
    struct output errors = output_errors(&cli->output);
    if (code < 0) {
        output_print(&errors, COLOR_NONE, "registryctl: --exec could not be run: %s\n",
                     strerror(errno));
    } else if (code) {
        output_print(&errors, COLOR_NONE, "registryctl: --exec ended with exit code %d\n", code);
    }
}

enum status watch_output_snapshot(struct cli *cli, const struct snapshot_pulled *pulled,
                                  struct error *err) {
    struct output *output = &cli->output;
    const char *path = pulled->location.path;
    enum status failed;
    if (output->json) {
        // clang-format off
        failed = print_json(cli, json_pack("{s:s,s:s,s:I,s:s,s:I}",
                                           "event", "snapshot",
                                           "file", path,
                                           "serial", (json_int_t)pulled->serial,
                                           "epoch", pulled->epoch,
                                           "records", (json_int_t)pulled->record_count), err);
        // clang-format on
    } else {
        output_print(output, COLOR_GREEN, "snapshot");
        output_print(output, COLOR_NONE, "  serial %lld  %s  %s\n", (long long)pulled->serial,
                     output_count(output, pulled->record_count, "record", "records"),
                     output_text(output, path));
        failed = output_done(output, err);
    }
    run_exec(cli, path);
    return failed;
}

void watch_output_failure(struct cli *cli, const struct error *fault, long long again_ms) {
    struct output errors = output_errors(&cli->output);
    fflush(stdout);
    output_print(&errors, COLOR_NONE, "registryctl: %s%s%s; again in %lld.%lld s\n",
                 output_text(&errors, fault->where), fault->where[0] ? ": " : "",
                 output_text(&errors, fault->message), again_ms / 1000, again_ms % 1000 / 100);
    fflush(stderr);
}
