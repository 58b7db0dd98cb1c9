// SPDX-License-Identifier: MIT
// The answer to a change of the registry that is no publish.
#pragma once

#include "registryd/request/api.h"
#include "registryd/store/store_lifecycle.h"

// Waits until this daemon has applied the change, adds "serial", "epoch", "epoch_number" and "changed" to `json`, and
// replies with it. Steals `json` (NULL: out of memory). Fails with: NO_MEMORY.
enum status change_reply(struct api *api, const struct request *request, struct reply *reply,
                         const struct lifecycle_outcome *outcome, json_t *json, struct error *err);
