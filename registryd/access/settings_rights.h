// SPDX-License-Identifier: MIT
// Who may read the settings of an environment: a token with the scope environment:read or environment on it,
// or an administrator's. Everybody else gets the same answers without settings, and the answers say so.
#pragma once

#include "registryd/request/api.h"

// Whether the request may read settings. A request without a token, or with one that is not valid, may not;
// that is no failure. Fails with: UNAVAILABLE (the store is away, and this daemon remembers no verdict),
// NO_MEMORY.
enum status settings_may_read(struct api *api, const struct request *request,
                              const char *environment, bool *ret_may, struct error *err);

// Whether the request may read secrets in clear: a token with the scope environment:secrets on the environment, never one
// of an administrator. Fails as settings_may_read.
enum status settings_may_read_secrets(struct api *api, const struct request *request,
                                      const char *environment, bool *ret_may, struct error *err);

// Marks a reply that depends on who asked: caches keep it for one reader alone when it has settings.
void settings_mark_reply(struct reply *reply, bool has_settings);
