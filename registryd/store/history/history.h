// SPDX-License-Identifier: MIT
// The history that a daemon saw last, and what it makes of the one that a server has. A history is a timeline
// of one PostgreSQL system; its epoch has an id and a number. Two servers may both call themselves the primary
// after a failover that went wrong: the numbers tell which of them has been left behind. Pure, and a file.
#pragma once

#include "schema/base/error.h"

#include <stdint.h>

enum { HISTORY_TEXT_SIZE = 40, HISTORY_EPOCH_SIZE = 37 }; // a UUID with its NUL

// What is remembered. An empty `system` means nothing is.
struct history {
    char system[HISTORY_TEXT_SIZE]; // PostgreSQL's system identifier
    int64_t timeline;
    char epoch[HISTORY_EPOCH_SIZE];
    int64_t number; // of the epoch
};

// What a server shows: where its rows were counted, and where it is itself.
struct history_found {
    char counted
        [HISTORY_TEXT_SIZE]; // "SYSTEM/TIMELINE" of the registry's row; "" before the first start
    char here[HISTORY_TEXT_SIZE]; // the same of the server
    char epoch[HISTORY_EPOCH_SIZE];
    int64_t number;
};

enum history_verdict {
    HISTORY_KNOWN,    // the one that is remembered
    HISTORY_FOLLOWED, // a later one: to be remembered
    HISTORY_NEW,      // the rows were counted elsewhere: a new epoch begins
    HISTORY_REPLACED, // likewise, though the rows were counted here: a restore that nobody else has noticed
    HISTORY_OLDER,  // left behind: not to be used
    HISTORY_FORKED, // an equal number with another epoch: not to be used
};

// `accepted` is the number of the remembered epoch when the operator gives that history up, else 0.
enum history_verdict history_judge(const struct history *remembered,
                                   const struct history_found *found, int64_t accepted);

// What to remember of a server that was accepted.
struct history history_of(const struct history_found *found);

// The file in which a daemon remembers: written beside it, synced and renamed. A file that is not there leaves
// *ret_history empty. Fails with: IO, DISK_FULL, CONFLICT (it is not such a file).
enum status history_load(const char *path, struct history *ret_history, struct error *err);
enum status history_keep(const char *path, const struct history *history, struct error *err);
