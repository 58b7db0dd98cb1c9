// SPDX-License-Identifier: MIT
// The resolution: which entry points are there for these groups, here and now? Answered from memory
// by the index; nothing on this path touches the database once a group is known.
#pragma once

#include "registryd/request/api.h"

// GET /v1/resolve
api_handler resolve_answer;
