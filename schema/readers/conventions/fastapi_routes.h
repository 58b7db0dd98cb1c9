// SPDX-License-Identifier: MIT
// The first parts of the addresses that a module's FastAPI routers serve. Read, not run.
#pragma once

#include "schema/readers/python/python_module.h"

#include <jansson.h>

// Adds each prefix as a key of the object, in the order of the source: "/notes" of
//     router = APIRouter(prefix="/notes")        and of        @router.get("/notes/api/health")
// Routers are those that the top level assigns. An address that is known only at run time, and one that begins with a
// parameter, gives none. Fails with: NO_MEMORY.
enum status fastapi_prefixes_read(const struct python_module *module, json_t *prefixes,
                                  struct error *err);

// Adds the first part of one address: "/notes" of "/notes/api"; nothing of "" and of "/{id}". False when out of memory.
bool fastapi_prefix_add(json_t *prefixes, const char *address);
