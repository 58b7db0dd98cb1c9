// SPDX-License-Identifier: MIT
// The feed of changes for programs.
#pragma once

#include "registryd/request/api.h"

api_handler changes_list; // GET /v1/changes: by serial, with a long poll
