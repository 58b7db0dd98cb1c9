// SPDX-License-Identifier: MIT
// Receiving the file of a request, and how artifacts are listed with their release.
#pragma once

#include "registryd/request/upload.h"

// Receives and hashes the file of POST /v1/artifacts; the rights on a name that a form says are asked here.
// Fails with: USAGE, UNSUPPORTED_MEDIA, INVALID (the file name), FORBIDDEN, MALFORMED, TOO_LARGE, DISK_FULL, IO.
enum status artifacts_receive(struct api *api, const struct request *request,
                              struct findings *findings, struct uploaded_file *upload,
                              struct error *err);

// The artifacts of one version in `rows`: an array of {"filename","kind","size","sha256","tags",
// "uploaded_at","uploaded_by","url"}. Owned; NULL when out of memory.
json_t *artifacts_encode(const struct artifact_rows *rows, const char *version);
