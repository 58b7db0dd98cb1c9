// SPDX-License-Identifier: MIT
// Writing a batch of releases with one statement. Used by the publish queue alone.
#pragma once

#include "registryd/store/group_commit.h"

// Writes the releases of all jobs, which must be of different packages, or none; sets `outcome` of
// each. Fails with: as store_publish, for the batch as a whole.
enum status publish_write(struct db *db, struct publish_job *const *jobs, size_t count,
                          struct error *err);
