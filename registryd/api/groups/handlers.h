// SPDX-License-Identifier: MIT
// The handlers of entry-point groups.
#pragma once

#include "registryd/request/api.h"

api_handler groups_list; // GET /v1/groups: names with counts, page by page
api_handler
    groups_show; // GET /v1/groups/{group}: its entry points, from the newest fitting releases
api_handler contracts_set;     // PUT /v1/groups/{group}
api_handler holds_list;        // GET /v1/holds
api_handler holds_add_package; // PUT /v1/packages/{name}/hold
api_handler holds_end_package; // DELETE /v1/packages/{name}/hold
api_handler holds_add_group;   // PUT /v1/groups/{group}/hold
api_handler holds_end_group;   // DELETE /v1/groups/{group}/hold

api_handler entry_points_find;        // GET /v1/entry-points
api_handler entries_states;           // GET /v1/entry-states
api_handler entries_deprecate;        // PUT /v1/packages/{name}/entry-points/deprecation
api_handler entries_undeprecate;      // DELETE /v1/packages/{name}/entry-points/deprecation
api_handler entries_alias;            // PUT /v1/packages/{name}/entry-points/alias
api_handler entries_unalias;          // DELETE /v1/packages/{name}/entry-points/alias
api_handler entries_alias_in_group;   // PUT /v1/groups/{group}/alias
api_handler entries_unalias_in_group; // DELETE /v1/groups/{group}/alias
