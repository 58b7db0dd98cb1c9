// SPDX-License-Identifier: MIT
// What publish and check are given: PATHs, each a project, a plugin directory or an artifact; or with
// --all every plugin under roots. Each is read on its own, and a bad one does not stop the others.
#pragma once

#include "client/cli/console/command.h"
#include "client/walk/project.h"
#include "client/remote/publish.h"
#include "client/walk/source_walk.h"
#include "schema/readers/artifact/artifact.h"

// One thing to publish, and what became of it.
struct outcome {
    const struct plugin_dir *dir; // of --all; else NULL
    bool is_artifact;
    const char *shadowed_by; // of --all: what the walk answers instead of it
    struct project project;
    struct artifact artifact;
    enum status failed;     // OK, or why it came to nothing
    struct error error;     // of `failed`
    const char *word;       // "ok", "failed"; "published", "unchanged"; "shadowed"
    struct receipt receipt; // of publish
};

struct outcomes {
    struct outcome *items;
    size_t count;
    const struct convention *only; // of --convention; NULL: each by its mark
};

// Lists what the arguments name; nothing is read yet. Arena.
// Fails with: USAGE (no such root, no such convention), IO, NO_MEMORY.
enum status projects_list(struct cli *cli, struct outcomes *ret_outcomes, struct error *err);

// Reads one. What is wrong with it is in the outcome: USAGE or IO when it cannot be read at all,
// INVALID when it breaks a rule. An artifact's bytes are in `bytes`, for sending. Sets *ret_skip for
// what --all finds and holds no plugin after all. Fails with: NO_MEMORY, INTERNAL.
enum status projects_read(struct cli *cli, const struct outcomes *outcomes, struct outcome *outcome,
                          struct buffer *bytes, struct error *err);

// Whether it came out as a place without a plugin: nobody needs to be told.
bool projects_is_empty(const struct outcome *outcome);

// {"path","outcome","package","version","error","warnings","errors"}, and of an artifact "filename",
// "size", "sha256". Owned; NULL = no memory.
json_t *projects_encode(const struct outcome *outcome);

// The line of one outcome and its warnings on standard output.
void projects_print(struct cli *cli, const struct outcome *outcome);

// What is wrong with it, line by line, on `output`.
void projects_print_fault(struct output *output, const struct outcome *outcome);
