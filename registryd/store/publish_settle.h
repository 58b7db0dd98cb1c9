// SPDX-License-Identifier: MIT
// Why a release could not be written: it is there already, the same or another, or its package takes
// none. Asked on a connection of the caller, after a write that wrote nothing.
#pragma once

#include "registryd/store/db.h"
#include "registryd/store/store.h"

// *ret_settled is true, and *ret_outcome set, when the same release is there; it stays false when no
// reason is to be found any more. Fails with: CONFLICT, and as db_run.
enum status publish_settle(struct db *db, const struct valid_release *valid,
                           struct publish_outcome *ret_outcome, bool *ret_settled,
                           struct error *err);
