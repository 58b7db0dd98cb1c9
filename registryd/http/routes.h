// SPDX-License-Identifier: MIT
// THE route table: the server's table of contents, and its policy. A new route is one row here, a
// handler in api/, a section in docs/HTTP.md and a test. Static; any thread.
#pragma once

#include "registryd/http/router.h"

// Static.
const struct route *routes_table(size_t *ret_count);
