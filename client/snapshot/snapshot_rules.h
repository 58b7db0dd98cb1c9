// SPDX-License-Identifier: MIT
// When a snapshot may take the place of another: never backwards. Pure.
#pragma once

#include "client/snapshot/snapshot_file.h"

// Whether `next` may replace `old` (a kept file). In the same epoch the serial must not fall; an epoch
// that was left before does not come back, and a new one must have been made later than what it
// replaces. Fails with: CONFLICT (says what would go back, and how to insist).
enum status snapshot_rules_check(const struct snapshot_file *old,
                                 const struct snapshot_origin *next, struct error *err);

// The receipt of what replaces `old` (NULL: nothing was there). Borrows from `old` and `url`.
void snapshot_rules_receipt(const struct snapshot_file *old, const struct snapshot_origin *next,
                            const char *url, struct snapshot_receipt *ret_receipt);
