// SPDX-License-Identifier: MIT
// The page of the transition: who still needs directory walking.
#pragma once

#include "registryd/request/api.h"

api_handler page_transition; // GET /transition
