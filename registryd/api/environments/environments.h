// SPDX-License-Identifier: MIT
// Environments: reading them, their history and differences (environments.c), changing them
// (environment_write.c). Their entity tag is the revision.
#pragma once

#include "registryd/request/api.h"

// GET /v1/environments
api_handler environments_list;
// GET /v1/environments/{environment}
api_handler environments_show;
// GET /v1/environments/{environment}/history
api_handler environments_history;
// GET /v1/environments/{environment}/diff
api_handler environments_diff;
// PUT /v1/environments/{environment}: creates it, or replaces its document.
api_handler environments_put;
// PATCH /v1/environments/{environment}: a merge patch of its document.
api_handler environments_patch;
// PATCH /v1/environments/{environment}/plugins/{package}: a merge patch of what is decided about it.
api_handler environments_patch_plugin;
// POST /v1/environments/{environment}/rollback
api_handler environments_rollback;

// {environment} of the address. Fails with: `refusal` (no environment can be called so), NO_MEMORY.
enum status environments_path(const struct request *request, enum status refusal,
                              const char **ret_name, struct error *err);

// The entity tag of a revision, with quotes. Arena; NULL when out of memory.
const char *environments_etag(struct arena *arena, int64_t revision);
