// SPDX-License-Identifier: MIT
// What "registryctl snapshot" and "registryctl watch" share: the options that choose a snapshot.
#pragma once

#include "client/cli/input/query.h"
#include "client/snapshot/snapshot_pull.h"

// The two commands must choose the same file for the same options: `watch` keeps it current, and
// `snapshot show` looks at it. The groups and facts are the query that the file answers.
struct snapshot_options {
    struct words groups;
    struct facts_options facts;
    const char *key; // 64 hexadecimal digits; NULL: that of REGISTRYD_SNAPSHOT_KEY, if any
};

// The rows, for the option table of a command whose options struct is `type`.
#define SNAPSHOT_ROWS(type, member)                                                                \
    {"--group", "GROUP", offsetof(type, member.groups), "Only this group; default: all groups",    \
     .repeats = true},                                                                             \
        FACTS_ROWS(type, member.facts), {                                                          \
        "--snapshot-key", "KEY", offsetof(type, member.key),                                       \
            "Accept only snapshots signed with this public key (REGISTRYD_SNAPSHOT_KEY)"           \
    }

// The snapshot that the options choose. It is stored in `path`; NULL: in the cache directory.
// Fails with: USAGE, NO_MEMORY.
enum status snapshot_choose(struct cli *cli, const struct snapshot_options *options,
                            const struct connection *connection, const char *path,
                            struct snapshot_selector *ret_selector, struct error *err);

// The options of "registryctl snapshot".
struct snapshot_command_options {
    const char *convention;
    bool secrets;
    struct snapshot_options snapshot;
};

// Runs "snapshot show" and "snapshot verify". Fails with: as snapshot_cache_open, NOT_FOUND (a group).
enum status snapshot_show(struct cli *cli, struct error *err);
