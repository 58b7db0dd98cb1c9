// SPDX-License-Identifier: MIT
// Granting a right to a team and revoking it: the JSON routes and the pages call the same functions.
#pragma once

#include "registryd/request/api.h"
#include "registryd/request/query.h"
#include "registryd/store/store_access.h"

// Whether team, scope and object go together. Fails with: INVALID ("/team", "/scope", "/object"), NO_MEMORY.
enum status grant_check(struct arena *arena, const struct grant_row *grant, struct error *err);

// How many seconds a grant of the scope may last, as the parameter `for_seconds`. An import is granted for some time:
// it lifts limits that protect the registry.
struct query_range grant_seconds_range(const char *scope);

// Makes the change, and this daemon forgets the rights that it remembers: the next request has the new ones. Both may be
// repeated; the serial is 0 then. Fails with: as store_grant_add.
enum status grant_add(struct api *api, struct arena *arena, const struct grant_row *grant,
                      struct grant_outcome *ret_outcome, struct error *err);
enum status grant_remove(struct api *api, const struct grant_row *grant, int64_t *ret_serial,
                         struct error *err);
