// SPDX-License-Identifier: MIT
// What happened to a package or a release: its changes, from the registry's feed.
#pragma once

#include "client/cli/input/release_name.h"

// Prints all changes, the oldest first. Fails with: NOT_FOUND (nothing ever happened: it is not there),
// and as administration_send.
enum status history_print(struct cli *cli, const struct release_name *name, struct error *err);
