// SPDX-License-Identifier: MIT
// An index, or an environment's part of it, as static files (mirror_tree.h). What has not changed since the export
// before is neither asked for nor written.
#pragma once

#include "client/mirror/exporting.h"

// Fails with: what mirror_tree_open fails with, what the registry fails with, UNREACHABLE (a file with another hash),
// FORBIDDEN (the token may read settings, which must not be in a snapshot for everybody).
enum status export_run(struct arena *arena, const struct export_query *query,
                       struct export_result *ret_result, struct error *err);
