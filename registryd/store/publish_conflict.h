// SPDX-License-Identifier: MIT
// Why a release could not be written: it is there already, the same or another, or its package takes
// none. Asked on a connection of the caller, after a write that wrote nothing.
#pragma once

#include "registryd/store/libpq/db.h"
#include "registryd/store/publish_write.h"

// *ret_settled is true, and *ret_outcome set, when the same release is there or it is unchecked; it
// stays false when no reason is to be found any more. Of the job only what its caller filled in is read.
// Fails with: CONFLICT, FORBIDDEN, and as db_run.
enum status publish_conflict(struct db *db, const struct publish_job *job,
                             struct publish_outcome *ret_outcome, bool *ret_settled,
                             struct error *err);
