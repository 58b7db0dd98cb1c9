// SPDX-License-Identifier: MIT
// The catalogue's style sheet, script and icon, embedded at build time from registryd/web/static. Their
// addresses carry a hash of their bytes, so that browsers may keep them for ever. The description of the API is
// embedded with them, from docs/; it has addresses that stay.
#pragma once

#include "registryd/request/api.h"

// GET /static/{hash}/{name}
api_handler static_files_show;

// GET /openapi.yaml, GET /openapi.json: the same document twice
api_handler static_files_openapi_yaml;
api_handler static_files_openapi_json;

// The address of a file of that folder. Static; the name must be one.
const char *static_files_address(const char *name);
