// SPDX-License-Identifier: MIT
// Which changes a request asks for: the same parameters for the JSON list, the page and the feeds.
#pragma once

#include "registryd/request/request.h"
#include "registryd/store/activity/store_activity.h"

// Reads `package`, `group`, `environment`, `actor` and `kind`; an empty one is none, as forms send it. Arena.
// Fails with: INVALID (no name of a package or group, an unknown kind), USAGE, NO_MEMORY.
enum status activity_filter_decode(const struct request *request, struct changes_filter *ret_filter,
                                   struct error *err);

// The kinds that there are, sorted; ends with NULL. Static.
const char *const *activity_kinds(void);
