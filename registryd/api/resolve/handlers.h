// SPDX-License-Identifier: MIT
// The handlers of a resolution, in its three forms: JSON, a snapshot file, requirements for pip.
#pragma once

#include "registryd/request/api.h"

api_handler resolve_answer;    // GET /v1/resolve
api_handler snapshot_answer;   // GET /v1/snapshot
api_handler requirements_show; // GET /v1/requirements
api_handler outdated_show;     // GET /v1/outdated
