// SPDX-License-Identifier: MIT
// GET /v1: who answers here, where its history stands, and the addresses to go on from.
#pragma once

#include "registryd/request/api.h"

api_handler service_show;
