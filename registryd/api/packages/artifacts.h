// SPDX-License-Identifier: MIT
// Wheels and sdists as a source of releases: publishing one, and how they are listed with their
// release.
#pragma once

#include "registryd/request/api.h"

// POST /v1/artifacts
api_handler artifacts_publish;

// The artifacts of one version in `rows`: an array of {"filename","kind","size","sha256","tags",
// "uploaded_at","uploaded_by","url"}. Owned; NULL when out of memory.
json_t *artifacts_encode(const struct artifact_rows *rows, const char *version);
