// SPDX-License-Identifier: MIT
// The bytes of artifacts. An address names the digest, so what it answers never changes.
#pragma once

#include "registryd/request/api.h"

// GET /files/{sha256}/{filename}
api_handler files_show;
