// SPDX-License-Identifier: MIT
// The handlers of entry-point groups.
#pragma once

#include "registryd/request/api.h"

api_handler groups_list; // GET /v1/groups: names with counts, page by page
api_handler
    groups_show; // GET /v1/groups/{group}: its entry points, from the newest fitting releases
api_handler contracts_set; // PUT /v1/groups/{group}
