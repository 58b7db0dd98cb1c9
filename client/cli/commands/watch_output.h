// SPDX-License-Identifier: MIT
// What `registryctl watch` prints: a line at a time, text or JSON, each flushed.
#pragma once

#include "client/remote/changes.h"
#include "client/cli/console/command.h"
#include "client/snapshot/snapshot_pull.h"

// Fails with: IO, NO_MEMORY.
enum status watch_output_change(struct cli *cli, const struct change *change, struct error *err);

// Also runs --exec, and waits for it. Fails with: IO, NO_MEMORY.
enum status watch_output_snapshot(struct cli *cli, const struct snapshot_pulled *pulled,
                                  struct error *err);

// On standard error.
void watch_output_failure(struct cli *cli, const struct error *fault, long long again_ms);
