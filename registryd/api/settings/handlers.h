// SPDX-License-Identifier: MIT
// The handlers of the settings of one plugin in an environment.
#pragma once

#include "registryd/request/api.h"

api_handler plugin_settings_show;  // GET …/plugins/{package}/settings
api_handler plugin_settings_patch; // PATCH: a merge patch of the settings themselves
