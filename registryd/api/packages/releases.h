// SPDX-License-Identifier: MIT
// One release: reading and publishing. A release is immutable: the same again changes nothing, other
// content is a conflict.
#pragma once

#include "registryd/request/api.h"

// GET /v1/packages/{name}/releases/{version}
api_handler releases_show;
// PUT /v1/packages/{name}/releases/{version}
api_handler releases_publish;
