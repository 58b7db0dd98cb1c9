// SPDX-License-Identifier: MIT
// The life of packages and releases: yank, deprecate, archive, quarantine, and back.
#pragma once

#include "registryd/request/api.h"

// POST /v1/packages/{name}/releases/{version}/yank
api_handler lifecycle_yank;
// DELETE /v1/packages/{name}/releases/{version}/yank
api_handler lifecycle_unyank;
// PUT /v1/packages/{name}/releases/{version}/status
api_handler lifecycle_release_status;
// PUT /v1/packages/{name}/status
api_handler lifecycle_package_status;
