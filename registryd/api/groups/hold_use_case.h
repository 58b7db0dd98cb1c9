// SPDX-License-Identifier: MIT
// Holding new releases of a package or a group, and ending that: the JSON routes and the forms of the pages read the
// same reason and make the same change.
#pragma once

#include "registryd/request/api.h"
#include "registryd/store/store_lifecycle.h"

// The reason of a JSON body, or of a form (NULL: the field is empty). Borrowed from the request's arena.
// Fails with: INVALID (findings), NO_MEMORY; the first one also with MALFORMED, TOO_LARGE.
enum status hold_read_body(const struct request *request, struct findings *findings,
                           struct hold_change *change, struct error *err);
enum status hold_read_reason(const struct request *request, const char *reason,
                             struct findings *findings, struct hold_change *change,
                             struct error *err);

// Begins the hold, or without a reason ends it, and waits until this daemon answers by it. Fails with: NOT_FOUND,
// UNAVAILABLE, UNKNOWN_OUTCOME.
enum status hold_set(struct api *api, const struct hold_change *change,
                     struct lifecycle_outcome *ret_outcome, struct error *err);
