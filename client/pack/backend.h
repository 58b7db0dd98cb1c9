// SPDX-License-Identifier: MIT
// A project's own build backend makes its wheel: `python3 -m build`, else `pip wheel`. This runs the project's
// code, so it happens only when a person asks for it. What the tools say goes to standard error. One thread.
#pragma once

#include "client/pack/pack.h"

struct backend_query {
    const char *python;  // the interpreter: "python3"
    const char *project; // directory
    const char *folder;  // exists; a temporary folder is made in it and removed again
};

// Builds the wheel and reads it: its bytes are appended to `ret_bytes`, whose max_bytes is the limit. What is wrong
// with the wheel is in ret_packed->project.findings; it has no module. Nothing is downloaded: what the build needs
// must be installed. Arena.
// Fails with: USAGE (no such interpreter; neither `build` nor `pip` is installed), INVALID (the build failed, or
// made no wheel), TOO_LARGE, IO, NO_MEMORY.
enum status backend_build(struct arena *arena, const struct backend_query *query,
                          struct buffer *ret_bytes, struct packed *ret_packed, struct error *err);
