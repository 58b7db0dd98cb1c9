// SPDX-License-Identifier: MIT
// GET /v1/problems: what an operator should look at, although answers are right.
#pragma once

#include "registryd/request/api.h"

api_handler problems_list;
