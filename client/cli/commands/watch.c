// SPDX-License-Identifier: MIT
// registryctl watch: keeps the cached snapshot up to date. A round pulls the snapshot, prints what changed,
// and waits in a long poll for the next change. After a failure the round is repeated, with a pause that
// doubles up to a minute and is spread at random, so that many hosts do not ask at the same moment.
// SIGINT and SIGTERM only set `stopped`; the round then ends and no file is left half-written. All memory
// of a round comes from one arena that is reset after it: the process may run for months.
#include "client/cli/commands/snapshot.h"
#include "client/fs/printable.h"
#include "client/remote/source_registry.h"
#include "schema/base/cleanup.h"
#include "schema/base/clock.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

struct watch_options {
    bool once;
    const char *exec;
    struct snapshot_options snapshot;
};

static const struct option_row rows[] = {
    {"--once", NULL, offsetof(struct watch_options, once), "Pull once, then exit"},
    {"--exec", "COMMAND", offsetof(struct watch_options, exec),
     "Shell command to run after each new snapshot ($REGISTRYD_SNAPSHOT)"},
    SNAPSHOT_ROWS(struct watch_options, snapshot),
};

// ---- output ----

// Prints one line of JSON and steals it. Everything beyond ASCII is escaped.
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

static enum status print_change(struct cli *cli, const struct change *change, struct error *err) {
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

// Runs a shell command with the file's name in its environment. Returns its exit code, or -1 with errno.
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

// The exit code of the command is reported and otherwise ignored: the snapshot is in place already.
static void run_exec(struct cli *cli, const char *file) {
    const struct watch_options *given = cli->options;
    const char *command = given->exec;
    int code = command ? run_command(command, file) : 0;
    struct output errors = output_errors(&cli->output);
    if (code < 0) {
        output_print(&errors, COLOR_NONE, "registryctl: The --exec command cannot be run: %s\n",
                     strerror(errno));
    } else if (code) {
        output_print(&errors, COLOR_NONE,
                     "registryctl: The --exec command failed with exit code %d\n", code);
    }
}

static enum status print_snapshot(struct cli *cli, const struct snapshot_pulled *pulled,
                                  struct error *err) {
    struct output *output = &cli->output;
    const char *path = pulled->location.path;
    enum status status;
    if (output->json) {
        // clang-format off
        status = print_json(cli, json_pack("{s:s,s:s,s:I,s:s,s:I}",
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
        status = output_done(output, err);
    }
    run_exec(cli, path);
    return status;
}

static void print_failure(struct cli *cli, const struct error *fault, long long again_ms) {
    struct output errors = output_errors(&cli->output);
    fflush(stdout);
    output_print(&errors, COLOR_NONE, "registryctl: %s%s%s (retrying in %lld.%lld s)\n",
                 output_text(&errors, fault->where), fault->where[0] ? ": " : "",
                 output_text(&errors, fault->message), again_ms / 1000, again_ms % 1000 / 100);
    fflush(stderr);
}

// ---- rounds ----

enum {
    WAIT_SECONDS = 30,     // of one long poll
    FIRST_RETRY_MS = 500,  // after a failure; doubles each time
    LAST_RETRY_MS = 60000, // pauses double up to this
    SPREAD_MS = 250,       // so that hosts do not all ask at the moment of a change
    EMPTY_ROUND_MS = 1000, // the least time between two empty answers
    SLICE_MS = 100,
};

static atomic_bool stopped; // by a signal

static void stop(int number) {
    (void)number;
    atomic_store(&stopped, true);
}

static void take_signals(void) {
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

// In slices, so that a signal ends the wait at once.
static void wait_ms(long long length_ms) {
    long long end_ms = monotonic_ms() + length_ms;
    for (long long left = length_ms; left > 0 && !atomic_load(&stopped);
         left = end_ms - monotonic_ms()) {
        long slice = left < SLICE_MS ? (long)left : SLICE_MS;
        nanosleep(&(struct timespec){.tv_nsec = slice * 1000000L}, NULL);
    }
}

// A random time between half of the length and all of it. It only spreads load: the clock is random
// enough.
static long long spread(long long length_ms) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    unsigned long mixed =
        ((unsigned long)now.tv_nsec ^ (unsigned long)getpid() << 8) * 2654435761UL;
    return length_ms / 2 + (long long)(mixed >> 16) % (length_ms / 2 + 1);
}

struct watch {
    struct cli *cli;
    struct connection connection;
    struct snapshot_selector selector; // which snapshot is kept up to date
    int64_t since;  // serial of the last change that was printed; -1 before the first pull
    char epoch[64]; // of these serials
    int retry_ms;   // the next pause
};

static void note_epoch(struct watch *watch, const char *epoch) {
    snprintf(watch->epoch, sizeof watch->epoch, "%s", epoch);
}

// The first pull tells from which serial on changes are printed.
static enum status pull(struct watch *watch, struct arena *arena, struct error *err) {
    struct snapshot_pulled pulled;
    enum status status = snapshot_pull(arena, &watch->connection, &watch->selector, &pulled, err);
    if (status) {
        return status;
    }
    if (watch->since < 0) {
        watch->since = pulled.registry_serial;
        note_epoch(watch, pulled.epoch);
    }
    return pulled.is_replaced ? print_snapshot(watch->cli, &pulled, err) : STATUS_OK;
}

// A new epoch is a restored or replaced database: its serials say nothing about the old ones.
static enum status print_changes(struct watch *watch, const struct changes *changes,
                                 struct error *err) {
    if (strcmp(watch->epoch, changes->epoch) != 0) {
        watch->since =
            changes->serial; // the serials began anew: earlier changes are not printed again
        note_epoch(watch, changes->epoch);
        watch->selector.min_serial = 0;
        return STATUS_OK;
    }
    for (size_t i = 0; i < changes->count; i++) {
        watch->since = changes->items[i].serial;
        watch->selector.min_serial = watch->since;
        enum status status = print_change(watch->cli, &changes->items[i], err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// Updates the snapshot, then waits for the next change.
static enum status run_round(struct watch *watch, struct arena *arena, struct error *err) {
    const struct watch_options *given = watch->cli->options;
    struct changes changes = {0};
    enum status status = pull(watch, arena, err);
    if (status || given->once || atomic_load(&stopped)) {
        return status;
    }
    watch->retry_ms = FIRST_RETRY_MS;
    long long begun_ms = monotonic_ms();
    status = changes_load(arena, &watch->connection, watch->since, WAIT_SECONDS, &changes, err);
    if (status) {
        return status;
    }
    status = print_changes(watch, &changes, err);
    if (status) {
        return status;
    }
    bool is_early = !changes.count && monotonic_ms() - begun_ms < EMPTY_ROUND_MS;
    wait_ms(is_early ? EMPTY_ROUND_MS : spread(SPREAD_MS));
    return STATUS_OK;
}

// Whether a retry can help. It cannot when a person must change something first.
static bool is_transient(enum status status) {
    return status != STATUS_USAGE && status != STATUS_UNAUTHORIZED && status != STATUS_NO_MEMORY;
}

// Only what may pass is tried again; a refusal or a wrong address ends the command.
static enum status keep_going(struct watch *watch, struct arena *arena, struct error *err) {
    struct cli *cli = watch->cli;
    const struct watch_options *given = cli->options;
    while (!atomic_load(&stopped)) {
        struct error fault = {0};
        enum status status = run_round(watch, arena, &fault);
        if (status && !atomic_load(&stopped)) {
            if (given->once || !is_transient(status)) {
                return fail(err, status, fault.where, "%s", fault.message);
            }
            long long again_ms = spread(watch->retry_ms);
            print_failure(cli, &fault, again_ms);
            watch->retry_ms =
                watch->retry_ms < LAST_RETRY_MS / 2 ? watch->retry_ms * 2 : LAST_RETRY_MS;
            wait_ms(again_ms);
        }
        if (given->once) {
            return STATUS_OK;
        }
        arena_reset(arena);
    }
    return STATUS_OK;
}

static enum status run(struct cli *cli, struct error *err) {
    const struct watch_options *given = cli->options;
    struct watch watch = {.cli = cli, .since = -1, .retry_ms = FIRST_RETRY_MS};
    const char *path = cli->argument_count ? cli->arguments[0] : NULL;
    scoped(cleanup_arena) struct arena *round = arena_new(0);
    if (!round) {
        return fail_no_memory(err);
    }
    enum status status = command_connect(cli, &watch.connection, err);
    if (status) {
        return status;
    }
    status = snapshot_choose(cli, &given->snapshot, &watch.connection, path, &watch.selector, err);
    if (status) {
        return status;
    }
    take_signals();
    watch.connection.stop = &stopped;
    struct arena *whole = cli->output.arena;
    cli->output.arena = round; // what a round prints is freed with the round
    status = keep_going(&watch, round, err);
    cli->output.arena = whole;
    return status;
}

const struct command command_watch = {
    .name = "watch",
    .arguments = "[FILE]",
    .max_arguments = 1,
    .summary = "Keep the snapshot of this host up to date",
    .description =
        "Downloads the snapshot as \"registryctl snapshot pull\" does, waits for the next change "
        "in\n"
        "the registry, and downloads it again. Prints a line for each change and each new\n"
        "snapshot. If the registry cannot be reached, the download is retried with growing pauses\n"
        "and the present snapshot is kept. Exits on SIGINT and SIGTERM.",
    COMMAND_OPTIONS(rows, struct watch_options),
    .exit_codes = "0  Ended by a signal; with --once, the snapshot is up to date\n",
    .example = "registryctl watch --environment production",
    .run = run,
};
