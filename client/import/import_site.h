// SPDX-License-Identifier: MIT
// Installed distributions as releases. Their files cannot be had back: an installation compiles, moves and rewrites
// them, so a wheel made of it would be another one than was published. What is imported is the metadata: the releases
// are provisional, can be resolved and not installed, and the first file that is published completes each.
#pragma once

#include "client/import/import_file.h"

// Publishes the metadata of every distribution in the folder that has an entry point in importing->groups (none: in
// any group). Fails with: USAGE (no such folder), IO, NO_MEMORY, INTERNAL.
enum status import_site_run(struct importing *importing, const char *folder,
                            void (*tell)(void *context, const char *what, size_t total),
                            void *context, struct error *err);
