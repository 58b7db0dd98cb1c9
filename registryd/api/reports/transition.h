// SPDX-License-Identifier: MIT
// Who still needs directory walking: per group and host, what the last report said.
#pragma once

#include "registryd/request/api.h"

// GET /v1/transition
api_handler transition_show;
