// SPDX-License-Identifier: MIT
// The handlers that say what this daemon is and how it is: GET /v1, /healthz, /readyz, /metrics.
#pragma once

#include "registryd/request/api.h"

api_handler
    service_show; // GET /v1: who answers, where its history stands, the addresses to go on from
api_handler health_live;  // GET /healthz: 200 as long as the process answers
api_handler health_ready; // GET /readyz: 200 when everything works, else 503 with the reasons
api_handler metrics_show; // GET /metrics
