// SPDX-License-Identifier: MIT
// What the command line asks a registry or a walk: the facts of a host, the snapshot that belongs to
// them, and roots to walk. Several commands take these options, so the option rows are here too.
#pragma once

#include "client/cli/console/command.h"
#include "client/remote/source_registry.h"
#include "client/snapshot/snapshot_cache.h"
#include "client/walk/source_walk.h"

// The facts of a host. A command that takes them has a member of this type in its options struct.
// Texts as they were typed; facts_query checks them. `--have honeyframe==4.2.0` is one of `haves`.
struct facts_options {
    const char *python; // of the host
    bool prereleases;
    struct words haves;   // "NAME==VERSION"
    struct words markers; // "NAME=VALUE"
    struct words tags;    // wheel tags
};

#define FACTS_PYTHON_ROW(type, member)                                                             \
    {                                                                                              \
        "--python", "VERSION", offsetof(type, member.python),                                      \
            "Only releases that support this Python version, e.g. 3.11"                            \
    }
#define FACTS_PRERELEASES_ROW(type, member)                                                        \
    { "--prereleases", NULL, offsetof(type, member.prereleases), "Include pre-releases" }

// The rows of all facts, for the option table of a command whose options struct is `type`.
#define FACTS_ROWS(type, member)                                                                   \
    FACTS_PYTHON_ROW(type, member), FACTS_PRERELEASES_ROW(type, member),                           \
        {"--have", "NAME==VERSION", offsetof(type, member.haves),                                  \
         "An installed package, or the host application", .repeats = true},                        \
        {"--marker", "NAME=VALUE", offsetof(type, member.markers),                                 \
         "An environment marker, e.g. sys_platform=linux", .repeats = true},                       \
    {                                                                                              \
        "--tag", "TAG", offsetof(type, member.tags),                                               \
            "A supported wheel tag, e.g. cp311-cp311-linux_x86_64", .repeats = true                \
    }

#define CONVENTION_ROW(type, member)                                                               \
    {                                                                                              \
        "--convention", "NAME", offsetof(type, member),                                            \
            "\"auto\" (the default), the name of a convention, or a declaration FILE.yaml",        \
            .offers = "auto|plugin-yaml|plugin-meta|mountaineer|dist-info|pyproject|microcoreos"   \
    }

// The query for these groups (none: all) with the given facts. Arena.
// Fails with: USAGE (a fact is malformed), NO_MEMORY.
enum status facts_query(struct cli *cli, const struct facts_options *facts,
                        const struct words *groups, struct source_query *ret_query,
                        struct error *err);

// The command's arguments as the groups of a query. Borrowed from the command line.
struct words query_arguments(const struct cli *cli);

// The cached snapshot that answers the query. `key` is the value of --snapshot-key or NULL.
// Fails with: USAGE (the key is malformed), NO_MEMORY.
enum status facts_selector(struct cli *cli, const char *key, const struct connection *connection,
                           const struct source_query *query, struct snapshot_selector *ret_selector,
                           struct error *err);

// Roots to walk, each PATH or LABEL=PATH. `convention` is the value of --convention or NULL. Arena.
// Fails with: USAGE, NO_MEMORY.
enum status roots_parse(struct cli *cli, const struct words *roots, const char *convention,
                        struct walk_query *ret_query, struct error *err);

// The roots that were given, else those of the profile.
struct words roots_choose(const struct cli *cli, const struct words *given);

// The same for the command's arguments from index `from` on.
enum status roots_parse_arguments(struct cli *cli, size_t from, const char *convention,
                                  struct walk_query *ret_query, struct error *err);
