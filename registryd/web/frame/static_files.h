// SPDX-License-Identifier: MIT
// The catalogue's style sheet, script and icon, embedded at build time from registryd/web/static. Their
// addresses carry a hash of their bytes, so that browsers may keep them for ever.
#pragma once

#include "registryd/request/api.h"

// GET /static/{hash}/{name}
api_handler static_files_show;

// The address of a file of that folder. Static; the name must be one.
const char *static_files_address(const char *name);
