// SPDX-License-Identifier: MIT
// SIGINT and SIGTERM only set `stopped`; requests and waits then end, the round ends as it ends for a failure, and no
// file is left half-written. All memory of a round comes from one arena that is reset after it: the process may run for
// months. An empty answer of the long poll also ends a round, so that the work is repeated at least every WAIT_SECONDS:
// what an environment selects may change with time alone.
#include "client/cli/console/follow.h"

#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/clock.h"
#include "schema/json/json.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// ---- commands of the user ----

// Runs a shell command Returns its exit code, or -1 with errno.
static int run_command(const char *command) {
    extern char **environ;
    char shell[] = "sh";
    char flag[] = "-c";
    char *const arguments[] = {shell, flag, (char *)command, NULL};
    pid_t child;
    int result = 0;
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

// The exit code of the command is printed and otherwise ignored, because the command runs after the event.
void follow_exec(struct cli *cli, const char *command, const char *variable, const char *value) {
    if (!command) {
        return;
    }
    int code = setenv(variable, value, 1) ? -1 : run_command(command);
    struct output errors = output_errors(&cli->output);
    if (code < 0) {
        output_print(&errors, COLOR_NONE, "registryctl: The --exec command cannot be run: %s\n",
                     strerror(errno));
    } else if (code) {
        output_print(&errors, COLOR_NONE,
                     "registryctl: The --exec command failed with exit code %d\n", code);
    }
}

// ---- waiting ----

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

bool follow_is_stopped(void) {
    return atomic_load(&stopped);
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

void follow_note_epoch(struct follow *follow, const char *epoch, int64_t number) {
    follow->epoch_number = number;
    snprintf(follow->epoch, sizeof follow->epoch, "%s", epoch);
}

// The state of the registry before the first round, so that no change between the two is missed.
static enum status begin(struct follow *follow, struct error *err) {
    struct api_call call = {.arena = follow->cli->arena, .connection = follow->connection};
    struct fetch_request request = {.method = "GET", .path = "/v1"};
    scoped(cleanup_json) json_t *answer = NULL;
    enum status status = api_call_json(&call, &request, &answer, err);
    if (status) {
        return status;
    }
    const char *epoch = json_string_value(json_object_get(answer, "epoch"));
    const json_t *serial = json_object_get(answer, "serial");
    if (!epoch || !json_is_integer(serial)) {
        return fail(err, STATUS_UNREACHABLE, NULL, "The answer is not that of a registry");
    }
    follow->since = json_integer_value(serial);
    follow_note_epoch(follow, epoch, json_integer_value(json_object_get(answer, "epoch_number")));
    return STATUS_OK;
}

// A new epoch is a restored or replaced database: its serials say nothing about the old ones.
static enum status take_changes(struct follow *follow, const struct changes *changes,
                                struct error *err) {
    if (strcmp(follow->epoch, changes->epoch) != 0) {
        follow->since =
            changes->serial; // the serials began anew: earlier changes are not shown again
        follow_note_epoch(follow, changes->epoch, changes->epoch_number);
        follow->min_serial = 0;
        return STATUS_OK;
    }
    for (size_t i = 0; i < changes->count; i++) {
        follow->since = changes->items[i].serial;
        follow->min_serial = follow->since;
        enum status status =
            follow->show ? follow->show(follow, &changes->items[i], err) : STATUS_OK;
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status work(struct follow *follow, struct error *err) {
    bool must_begin = follow->since < 0 && !follow->sets_since && !follow->once;
    enum status status = must_begin ? begin(follow, err) : STATUS_OK;
    return status ? status : follow->work(follow, err);
}

// The work, then the wait for the next change.
static enum status run_round(struct follow *follow, struct error *err) {
    struct changes changes = {0};
    enum status status = work(follow, err);
    if (status || follow->once || atomic_load(&stopped)) {
        return status;
    }
    follow->retry_ms = FIRST_RETRY_MS;
    long long begun_ms = monotonic_ms();
    status = changes_load(follow->cli->arena, follow->connection, follow->since, WAIT_SECONDS,
                          &changes, err);
    if (status) {
        return status;
    }
    status = take_changes(follow, &changes, err);
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

static void pause_after(struct follow *follow, const struct error *fault) {
    long long again_ms = spread(follow->retry_ms);
    print_failure(follow->cli, fault, again_ms);
    follow->retry_ms = follow->retry_ms < LAST_RETRY_MS / 2 ? follow->retry_ms * 2 : LAST_RETRY_MS;
    wait_ms(again_ms);
}

// Only what may pass is tried again; a refusal or a wrong address ends the command.
static enum status keep_going(struct follow *follow, struct error *err) {
    while (!atomic_load(&stopped)) {
        struct error fault = {0};
        output_forget(&follow->cli->output);
        enum status status = run_round(follow, &fault);
        bool is_failure = status && !atomic_load(&stopped);
        if (is_failure && (follow->once || !is_transient(status))) {
            return fail(err, status, fault.where, "%s", fault.message);
        }
        if (is_failure) {
            pause_after(follow, &fault);
        }
        if (follow->once) {
            return STATUS_OK;
        }
        arena_reset(follow->cli->arena);
    }
    follow->cli->exit_code = 0; // the last round may have said "no"
    return STATUS_OK;
}

enum status follow_run(struct follow *follow, struct error *err) {
    struct cli *cli = follow->cli;
    struct arena *whole = cli->arena;
    scoped(cleanup_arena) struct arena *round = arena_new(0);
    if (!round) {
        return fail_no_memory(err);
    }
    follow->since = -1;
    follow->retry_ms = FIRST_RETRY_MS;
    follow->connection->stop = &stopped;
    take_signals();
    cli->arena = round;
    cli->output.arena = round;
    enum status status = keep_going(follow, err);
    cli->arena = whole;
    cli->output.arena = whole;
    output_forget(&cli->output);
    return status;
}
