// SPDX-License-Identifier: MIT
// registryctl watch: keeps a snapshot fresh. A round pulls, then waits for the next change; a failure is
// told once and tried again, ever later. SIGINT and SIGTERM end it, with what is kept whole as always.
#include "client/remote/changes.h"
#include "client/cli/commands/snapshot_actions.h"
#include "client/cli/commands/watch_output.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/base/clock.h"

#include <signal.h>
#include <string.h>
#include <time.h>

enum {
    WAIT_SECONDS = 30,    // of one long poll
    FIRST_RETRY_MS = 500, // after a failure; doubles each time
    LAST_RETRY_MS = 60000,
    SPREAD_MS = 250,       // hosts that hear of a change do not all ask in the same moment
    EMPTY_ROUND_MS = 1000, // an empty answer that comes at once is not asked for at once again
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

static void wait_ms(long long length_ms) {
    long long end_ms = monotonic_ms() + length_ms;
    for (long long left = length_ms; left > 0 && !atomic_load(&stopped);
         left = end_ms - monotonic_ms()) {
        long slice = left < SLICE_MS ? (long)left : SLICE_MS;
        nanosleep(&(struct timespec){.tv_nsec = slice * 1000000L}, NULL);
    }
}

// Between a half and all of it. It only spreads load, so the clock is random enough.
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
    struct snapshot_selector selector;
    int64_t since;  // the last change that was told; -1 before the first pull
    char epoch[64]; // of these serials
    int retry_ms;
};

static void note_epoch(struct watch *watch, const char *epoch) {
    snprintf(watch->epoch, sizeof watch->epoch, "%s", epoch);
}

static enum status pull(struct watch *watch, struct arena *arena, struct error *err) {
    struct snapshot_pulled pulled;
    enum status failed = snapshot_pull(arena, &watch->connection, &watch->selector, &pulled, err);
    if (failed) {
        return failed;
    }
    if (watch->since < 0) {
        watch->since = pulled.registry_serial;
        note_epoch(watch, pulled.epoch);
    }
    if (pulled.is_replaced) {
        failed = watch_output_snapshot(watch->cli, &pulled, err);
    }
    return failed;
}

static enum status tell_changes(struct watch *watch, const struct changes *changes,
                                struct error *err) {
    if (strcmp(watch->epoch, changes->epoch) != 0) {
        watch->since = changes->serial; // other serials: what was before is not told again
        note_epoch(watch, changes->epoch);
        watch->selector.min_serial = 0;
        return STATUS_OK;
    }
    enum status failed = STATUS_OK;
    for (size_t i = 0; i < changes->count && !failed; i++) {
        failed = watch_output_change(watch->cli, &changes->items[i], err);
        watch->since = changes->items[i].serial;
        watch->selector.min_serial = watch->since;
    }
    return failed;
}

// What is kept is brought up to date, then the next change is waited for.
static enum status run_round(struct watch *watch, struct arena *arena, struct error *err) {
    struct changes changes = {0};
    enum status failed = pull(watch, arena, err);
    if (failed || watch->cli->options.once || atomic_load(&stopped)) {
        return failed;
    }
    watch->retry_ms = FIRST_RETRY_MS;
    long long begun_ms = monotonic_ms();
    failed = changes_load(arena, &watch->connection, watch->since, WAIT_SECONDS, &changes, err);
    failed = failed ? failed : tell_changes(watch, &changes, err);
    bool is_early = !changes.count && monotonic_ms() - begun_ms < EMPTY_ROUND_MS;
    if (!failed) {
        wait_ms(is_early ? EMPTY_ROUND_MS : spread(SPREAD_MS));
    }
    return failed;
}

// Whether trying again can help: what a person must change is no reason to go on.
static bool may_pass(enum status status) {
    return status != STATUS_USAGE && status != STATUS_UNAUTHORIZED && status != STATUS_NO_MEMORY;
}

static enum status keep_going(struct watch *watch, struct arena *arena, struct error *err) {
    struct cli *cli = watch->cli;
    while (!atomic_load(&stopped)) {
        struct error fault = {0};
        enum status failed = run_round(watch, arena, &fault);
        if (failed && !atomic_load(&stopped)) {
            if (cli->options.once || !may_pass(failed)) {
                return fail(err, failed, fault.where, "%s", fault.message);
            }
            long long again_ms = spread(watch->retry_ms);
            watch_output_failure(cli, &fault, again_ms);
            watch->retry_ms =
                watch->retry_ms < LAST_RETRY_MS / 2 ? watch->retry_ms * 2 : LAST_RETRY_MS;
            wait_ms(again_ms);
        }
        if (cli->options.once) {
            return STATUS_OK;
        }
        arena_reset(arena);
    }
    return STATUS_OK;
}

static enum status run(struct cli *cli, struct error *err) {
    struct watch watch = {.cli = cli, .since = -1, .retry_ms = FIRST_RETRY_MS};
    const char *path = cli->argument_count ? cli->arguments[0] : NULL;
    scoped(cleanup_arena) struct arena *round = arena_new(0);
    if (!round) {
        return fail_no_memory(err);
    }
    enum status failed = command_connect(cli, &watch.connection, err);
    failed =
        failed ? failed : snapshot_selector_of(cli, &watch.connection, path, &watch.selector, err);
    if (failed) {
        return failed;
    }
    take_signals();
    watch.connection.stop = &stopped;
    struct arena *whole = cli->output.arena;
    cli->output.arena = round; // what one round prints is gone with it
    failed = keep_going(&watch, round, err);
    cli->output.arena = whole;
    return failed;
}

static const struct option_row options[] = {
    {"--once", NULL, offsetof(struct options, once), "one round: pull, tell, end"},
    {"--exec", "COMMAND", offsetof(struct options, exec),
     "shell command to run after each replacement ($REGISTRYD_SNAPSHOT)"},
    {"--group", "GROUP", offsetof(struct options, groups), "only this group; without, every one",
     .repeats = true},
    FACTS_OPTIONS,
    {"--snapshot-key", "KEY", offsetof(struct options, snapshot_key),
     "use only snapshots signed with this public key (REGISTRYD_SNAPSHOT_KEY)"},
};

const struct command command_watch = {
    .name = "watch",
    .arguments = "[FILE]",
    .max_arguments = 1,
    .summary = "Keep the snapshot of this host fresh, and tell what changes",
    .description =
        "Pulls as `snapshot pull` does, waits for the next change in the registry, and pulls\n"
        "again. One line is printed for each change and each replacement. When the registry is\n"
        "away it is asked again, ever later; what is kept stays. Ends on SIGINT and SIGTERM.",
    .options = options,
    .option_count = COUNT_OF(options),
    .exit_codes = "0  ended by a signal; with --once: what is kept is the newest\n",
    .example = "registryctl watch --environment production",
    .run = run,
};
