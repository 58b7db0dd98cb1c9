// SPDX-License-Identifier: MIT
// The handler of what the plugins of an environment contribute to their host.
#pragma once

#include "registryd/request/api.h"

api_handler contributions_show; // GET /v1/environments/{environment}/contributions
