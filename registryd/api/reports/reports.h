// SPDX-License-Identifier: MIT
// Hosts report how their directory walk compares with the registry.
#pragma once

#include "registryd/request/api.h"

// POST /v1/reports
api_handler reports_add;
