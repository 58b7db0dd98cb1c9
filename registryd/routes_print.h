// SPDX-License-Identifier: MIT
// The route table as JSON, for --print-routes and what is made from it (docs/openapi.yaml).
#pragma once

#include "schema/base/arena.h"

// [{"method","path","access","max_body_bytes","description"}, …], in the table's order;
// max_body_bytes is null where a setting decides. Arena; NULL when out of memory.
const char *routes_print(struct arena *arena);
