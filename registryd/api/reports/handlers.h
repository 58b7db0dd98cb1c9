// SPDX-License-Identifier: MIT
// The handlers of reports: a host reports how its directory walk compares with the registry, and the transition
// says per group and host what the last report said.
#pragma once

#include "registryd/request/api.h"

api_handler reports_add;     // POST /v1/reports
api_handler transition_show; // GET /v1/transition
