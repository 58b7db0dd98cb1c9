// SPDX-License-Identifier: MIT
// The actions of `registryctl snapshot`, and what `watch` shares with them.
#pragma once

#include "client/cli/input/facts.h"
#include "client/snapshot/snapshot_pull.h"

enum status snapshot_build_action(struct cli *cli, struct error *err);
enum status snapshot_show_action(struct cli *cli, struct error *err); // show and verify
enum status snapshot_pull_action(struct cli *cli, struct error *err);
enum status snapshot_key_action(struct cli *cli, struct error *err);

// The wish of the options --group, the facts, --snapshot-key; kept in `path` (NULL: the cache folder).
// Fails with: USAGE, NO_MEMORY.
enum status snapshot_selector_of(struct cli *cli, const struct connection *connection,
                                 const char *path, struct snapshot_selector *ret_selector,
                                 struct error *err);

// Opens FILE, or what is kept for the options when `path` is NULL; with a pinned key only what it
// signed. *ret_path is arena.
enum status snapshot_open_named(struct cli *cli, const char *path, struct snapshot_file *ret_file,
                                const char **ret_path, struct error *err);
