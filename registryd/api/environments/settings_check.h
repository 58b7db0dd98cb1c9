// SPDX-License-Identifier: MIT
// Are the settings of an environment as the groups of the plugins want them? Looked at are the plugins whose settings
// change. What a group's schema has defaults for counts as given.
#pragma once

#include "registryd/api/environments/environment_compare.h"
#include "registryd/request/api.h"

// Adds a finding for each mistake, at "/plugins/NAME/settings/…". Fails with: as the store.
enum status settings_check(struct api *api, const struct environment_step *step,
                           struct findings *findings, struct error *err);
