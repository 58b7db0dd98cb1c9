// SPDX-License-Identifier: MIT
// Yanking a release, and the statuses of packages and releases: the JSON routes and the pages
// call the same functions. A broken rule is a finding in `findings` and INVALID.
#pragma once

#include "registryd/request/api.h"
#include "registryd/store/store_lifecycle.h"

// Texts are borrowed from the request. A body or a form fills what it has, and the rest is NULL.
struct lifecycle_wish {
    const char *package;     // normalised
    const char *version;     // normalised; NULL for a package
    const char *status;      // of a status change; NULL is a finding there
    const char *reason;      // one line, or NULL
    const char *replaced_by; // in any spelling, or NULL
    const char *actor;       // for the audit
};

// What is so now.
struct lifecycle_result {
    const char *status;      // NULL for a yank
    const char *reason;      // as it is stored now
    const char *replaced_by; // normalised
    struct lifecycle_outcome outcome;
};

// Each waits until this daemon serves by the change. A yank needs a reason.
// All fail with: INVALID (findings), NOT_FOUND, UNKNOWN_OUTCOME, UNAVAILABLE, NO_MEMORY.
enum status release_yank(struct api *api, const struct lifecycle_wish *wish,
                         struct findings *findings, struct lifecycle_result *ret_result,
                         struct error *err);
enum status release_unyank(struct api *api, const struct lifecycle_wish *wish,
                           struct lifecycle_result *ret_result, struct error *err);

// "live" or "quarantined"; a quarantine needs a reason.
enum status release_status_change(struct api *api, const struct lifecycle_wish *wish,
                                  struct findings *findings, struct lifecycle_result *ret_result,
                                  struct error *err);

// "active", "deprecated", "archived" or "quarantined". Deprecation and quarantine need a reason; an active
// package has none, nor a successor.
enum status package_status_change(struct api *api, const struct lifecycle_wish *wish,
                                  struct findings *findings, struct lifecycle_result *ret_result,
                                  struct error *err);
