// SPDX-License-Identifier: MIT
// The simple index (PEP 503, 691): what pip, uv, poetry and pdm read. Handlers of the route table.
#pragma once

#include "registryd/request/api.h"

api_handler simple_projects; // GET /simple/
api_handler simple_project;  // GET /simple/{name}/
api_handler simple_redirect; // both without their last slash
