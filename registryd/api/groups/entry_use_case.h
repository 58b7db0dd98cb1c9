// SPDX-License-Identifier: MIT
// Deprecations and aliases of single entry points: their rules and the change, for the JSON routes and the forms of
// the pages. A broken rule is a finding in `findings` and INVALID.
#pragma once

#include "registryd/request/api.h"
#include "registryd/store/entries/store_entries.h"

// Fills in the normal form of the successor, and checks: the entry point exists, a deprecation has a message, an alias
// leads to an entry point of the same package and group, and the old name is not in use.
// Fails with: INVALID (findings), NOT_FOUND (the package), CONFLICT (the old name is another entry point's).
enum status entry_change_check(struct api *api, const struct request *request,
                               struct entry_change *change, struct findings *findings,
                               struct error *err);

// Makes the change, and waits until this daemon answers by it. Fails with: NOT_FOUND, UNKNOWN_OUTCOME, UNAVAILABLE.
enum status entry_change_make(struct api *api, const struct entry_change *change,
                              struct lifecycle_outcome *ret_outcome, struct error *err);
