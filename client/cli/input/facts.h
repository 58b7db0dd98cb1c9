// SPDX-License-Identifier: MIT
// What the command line says of a host: the facts of its questions, and the snapshot that belongs to
// them.
#pragma once

#include "client/cli/console/command.h"
#include "client/snapshot/snapshot_cache.h"
#include "client/remote/source_registry.h"

// The rows of the options that facts_query reads, for the tables of commands.
#define FACTS_OPTIONS                                                                              \
    {"--python", "VERSION", offsetof(struct options, python),                                      \
     "the answer for this Python, e.g. 3.11"},                                                     \
        {"--prereleases", NULL, offsetof(struct options, prereleases), "pre-releases count too"},  \
        {"--have", "NAME==VERSION", offsetof(struct options, haves),                               \
         "a package that is installed, or the host application", .repeats = true},                 \
        {"--marker", "NAME=VALUE", offsetof(struct options, markers),                              \
         "an environment marker, e.g. sys_platform=linux", .repeats = true},                       \
    {                                                                                              \
        "--tag", "TAG", offsetof(struct options, tags),                                            \
            "a wheel tag that fits, e.g. cp311-cp311-linux_x86_64", .repeats = true                \
    }

// The question of these groups (none: all) with the facts of the options. Arena.
// Fails with: USAGE (a fact has no value), NO_MEMORY.
enum status facts_query(struct cli *cli, const char *const *groups, size_t count,
                        struct source_query *ret_query, struct error *err);

// What is kept of the answer to a question of the connection. Fails with: USAGE (--snapshot-key is no
// key), NO_MEMORY.
enum status facts_selector(struct cli *cli, const struct connection *connection,
                           const struct source_query *query, struct snapshot_selector *ret_selector,
                           struct error *err);
