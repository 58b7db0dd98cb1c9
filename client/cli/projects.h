// SPDX-License-Identifier: MIT
// The PATH arguments of publish and check: each is read on its own, and a bad one does not stop the
// others.
#pragma once

#include "client/cli/command.h"
#include "client/project.h"
#include "client/publish.h"

// What became of one PATH.
struct outcome {
    struct project project;
    enum status failed;     // OK, or why it came to nothing
    struct error error;     // of `failed`
    const char *word;       // "ok", "failed"; "published", "unchanged"
    struct receipt receipt; // of publish
};

// Reads every PATH argument. Arena. Fails with: NO_MEMORY; what is wrong with a PATH is in its
// outcome: USAGE or IO when it cannot be read at all, INVALID when it breaks a rule.
enum status projects_read(struct cli *cli, struct outcome **ret_outcomes, struct error *err);

// {"path","outcome","package","version","error","warnings","errors"}. Owned; NULL = no memory.
json_t *projects_encode(const struct outcome *outcome);

// The line of one outcome and its warnings on standard output.
void projects_print(struct cli *cli, const struct outcome *outcome);

// What is wrong with it, line by line, on `output`.
void projects_print_fault(struct output *output, const struct outcome *outcome);
