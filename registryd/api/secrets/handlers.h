// SPDX-License-Identifier: MIT
// The handler of the key of secrets. Secrets themselves are set and read with the settings they belong to.
#pragma once

#include "registryd/request/api.h"

api_handler secrets_rotate; // POST /v1/secrets/rotate
