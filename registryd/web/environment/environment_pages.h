// SPDX-License-Identifier: MIT
// The pages of environments, as rows of the route table.
#pragma once

#include "registryd/request/api.h"

api_handler page_environments;         // GET /environments
api_handler page_environment;          // GET /environments/{environment}
api_handler page_environment_left_out; // GET /environments/{environment}/left-out
api_handler page_environment_diff;     // GET /environments/{environment}/diff
api_handler page_rollback_preview;     // GET /environments/{environment}/rollback

api_handler page_set_plugin; // POST /environments/{environment}/plugins
api_handler page_rollback;   // POST /environments/{environment}/rollback
// POST /environments/{environment}/state: freeze, thaw, promote, archive, restore
api_handler page_set_state;
