// SPDX-License-Identifier: MIT
// What is said when a package or a release changes its state: the state, why, and what to use instead.
#pragma once

#include "registryd/request/api.h"

struct lifecycle_request {
    const char *status;      // one of the form's; NULL for a yank
    const char *reason;      // one line, or NULL
    const char *replaced_by; // normalised, or NULL
};

// {"reason"}: why a release is yanked. Fails with: as body_decode; INVALID also for a missing reason.
enum status lifecycle_decode_yank(const struct request *request, struct findings *findings,
                                  struct lifecycle_request *ret_request, struct error *err);

// {"status","reason"}: "live" or "quarantined"; a quarantine needs a reason. Fails with: as above.
enum status lifecycle_decode_release(const struct request *request, struct findings *findings,
                                     struct lifecycle_request *ret_request, struct error *err);

// {"status","reason","replaced_by"} of the package `name`: "active", "deprecated", "archived" or
// "quarantined". Deprecation and quarantine need a reason; an active package has none, nor a successor.
// Fails with: as above.
enum status lifecycle_decode_package(const struct request *request, const char *name,
                                     struct findings *findings,
                                     struct lifecycle_request *ret_request, struct error *err);
