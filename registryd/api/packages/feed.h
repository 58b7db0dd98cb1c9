// SPDX-License-Identifier: MIT
// The feed of changes by serial, with a long poll for whoever wants to know at once.
#pragma once

#include "registryd/request/api.h"

// GET /v1/changes
api_handler changes_list;
