// SPDX-License-Identifier: MIT
// Is the process alive, and can it serve? For supervisors and load balancers.
#pragma once

#include "registryd/request/api.h"

// GET /healthz: 200 as long as the process answers.
api_handler health_live;
// GET /readyz: 200 when everything works, else 503 with the reasons.
api_handler health_ready;
