// SPDX-License-Identifier: MIT
// What publish and check work on: PATHs, each a project, a plugin directory or an artifact; or with --all
// every plugin under roots. Each is read on its own, and an invalid one does not stop the others.
#pragma once

#include "client/cli/console/command.h"
#include "client/cli/input/query.h"
#include "client/remote/publish.h"
#include "client/walk/project.h"
#include "client/walk/source_walk.h"
#include "schema/readers/artifact/artifact.h"

// The options that publish and check share.
struct project_options {
    const char *version;    // of a project that does not state one
    const char *convention; // name of the one to read by
    bool all;               // every plugin below the path
};

#define PROJECT_ROWS(type, member)                                                                 \
    {"--version", "VERSION", offsetof(type, member.version),                                       \
     "Version of a project that declares none"},                                                   \
        {"--all", NULL, offsetof(type, member.all),                                                \
         "Treat the arguments as roots and take every plugin under them"},                         \
        CONVENTION_ROW(type, member.convention)

// One thing to publish, and its outcome.
struct outcome {
    const struct plugin_dir *dir; // with --all; else NULL
    bool is_artifact;
    const char *shadowed_by; // with --all: the origin that shadows it, or NULL
    struct project project;
    struct artifact artifact;
    enum status status;     // OK, or why it was not published
    struct error error;     // of `status`
    const char *word;       // "ok", "failed"; "published", "unchanged"; "shadowed"
    struct receipt receipt; // of publish
};

struct outcomes {
    struct outcome *items;
    size_t count;
    const struct project_options *options;
    const struct convention *only; // of --convention; NULL: each plugin by its mark

    // how a directory becomes a file; set by the caller after projects_list
    bool packs;         // a plugin directory is packed, and read as its wheel
    const char *python; // runs the build backend of a project; NULL: none is run
};

// Lists what the arguments name; nothing is read yet. `options` is borrowed. Arena.
// Fails with: USAGE (no such root, no such convention), IO, NO_MEMORY.
enum status projects_list(struct cli *cli, const struct project_options *options,
                          struct outcomes *ret_outcomes, struct error *err);

// How project_read and pack_directory are asked for one. Borrowed.
struct project_query projects_query(const struct outcomes *outcomes, const struct outcome *outcome);

// Puts the files of a project in the place of its path: those in its folder "dist" that are of its version. A
// project without such files stays. Arena. Fails with: NO_MEMORY.
enum status projects_find_built(struct cli *cli, struct outcomes *outcomes, struct error *err);

// Reads one. Its problems are in the outcome: USAGE or IO when it cannot be read at all, INVALID when it
// breaks a rule. `bytes` gets the content of an artifact, for sending; a directory that was packed or built is an
// artifact from then on. Fails with: NO_MEMORY, INTERNAL.
enum status projects_read(struct cli *cli, const struct outcomes *outcomes, struct outcome *outcome,
                          struct buffer *bytes, struct error *err);

// After the registry has answered: gives its findings about manifests of a directory their file and line.
// Fails with: NO_MEMORY (also when it is the status of the outcome).
enum status projects_locate(struct cli *cli, const struct outcomes *outcomes,
                            struct outcome *outcome, struct error *err);

// Whether --all found a directory without a plugin, which is not reported.
bool projects_is_empty(const struct outcome *outcome);

// {"path","outcome","package","version","error","warnings","errors"}, and of an artifact "filename",
// "size", "sha256". Owned; NULL = no memory.
json_t *projects_encode(const struct outcome *outcome);

// Prints the line of one outcome and its warnings on standard output.
void projects_print(struct cli *cli, const struct outcome *outcome);

// Prints its errors on `output`.
void projects_print_errors(struct output *output, const struct outcome *outcome);
