// SPDX-License-Identifier: MIT
// THE route table: the server's table of contents, and its policy. A new route is one row here, a
// handler in api/, a section in docs/HTTP.md and a test. Static; any thread.
#pragma once

#include "registryd/http/router.h"

// Static.
const struct route *routes_table(size_t *ret_count);

// [{"method","path","access","max_body_bytes","description"}, …], in the table's order;
// max_body_bytes is null where a setting decides. Arena; NULL when out of memory.
const char *routes_print(struct arena *arena);

// Writes the page that a refused browser gets.
route_refusal *routes_refusal(void);
