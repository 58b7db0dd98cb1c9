// SPDX-License-Identifier: MIT
// The groups of entry points, and what one of them holds.
#pragma once

#include "registryd/request/api.h"

// GET /v1/groups: names with counts, page by page.
api_handler groups_list;
// GET /v1/groups/{group}: its entry points, from the newest fitting releases.
api_handler groups_show;
