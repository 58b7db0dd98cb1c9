// SPDX-License-Identifier: MIT
// The records of a snapshot's groups, with their findings, as a list. No network, no libcurl.
#pragma once

#include "client/snapshot/snapshot_file.h"

// Appends the records of a checked group; their texts are borrowed from it. Fails with: MALFORMED,
// NO_MEMORY.
enum status snapshot_add_records(struct arena *arena, const struct snapshot_group *group,
                                 struct records *records, struct error *err);

// Appends the records of the group at an index, with copies of their texts. Arena.
// Fails with: as snapshot_file_group, NO_MEMORY.
enum status snapshot_load_records(struct arena *arena, struct snapshot_file *file, uint32_t index,
                                  struct records *records, struct error *err);
