// SPDX-License-Identifier: MIT
// A command that follows the registry: it works, waits in a long poll for the next change, and works again, until a
// signal ends it. After a failure the work is repeated, with a pause that doubles up to a minute and is spread at
// random, so that many hosts do not ask at the same moment.
#pragma once

#include "client/cli/console/command.h"
#include "client/remote/source_registry.h"

struct follow {
    // set by the caller
    struct cli *cli;
    struct connection *connection; // gets the flag that a signal sets
    void *context;                 // handed to the functions
    // One round of the work. Everything that it allocates in cli->arena is freed after the round. In the first round it
    // may set `since` and `epoch` to the state that it worked on; otherwise they are asked for before it.
    enum status (*work)(struct follow *follow, struct error *err);
    enum status (*show)(struct follow *follow, const struct change *change,
                        struct error *err); // NULL: nothing
    bool sets_since;                        // work does
    bool once;                              // one round, and its failure is that of the command

    // kept by follow_run
    int64_t since;        // serial of the last change that was seen
    int64_t min_serial;   // the state that the next round must see at least; 0: any
    char epoch[64];       // of these serials
    int64_t epoch_number; // of `epoch`; 0: not known
    int retry_ms;         // the next pause
};

void follow_note_epoch(struct follow *follow, const char *epoch, int64_t number);

// Works until SIGINT or SIGTERM, which is no failure. A round in which the work failed for a reason that may pass is
// reported on standard error and repeated.
// Fails with: what `work` fails with, with `once` or when a repetition cannot help (USAGE, UNAUTHORIZED, NO_MEMORY).
enum status follow_run(struct follow *follow, struct error *err);

// Whether a signal has come.
bool follow_is_stopped(void);

// Runs a shell command, with one more variable in its environment, and reports on standard error when it cannot be run
// or fails. NULL does nothing.
void follow_exec(struct cli *cli, const char *command, const char *variable, const char *value);
