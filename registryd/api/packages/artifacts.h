// SPDX-License-Identifier: MIT
// How artifacts are listed with their release.
#pragma once

#include "registryd/request/api.h"

// The artifacts of one version in `rows`: an array of {"filename","kind","size","sha256","tags",
// "uploaded_at","uploaded_by","url"}. Owned; NULL when out of memory.
json_t *artifacts_encode(const struct artifact_rows *rows, const char *version);
