// SPDX-License-Identifier: MIT
// Publishing an uploaded file together with its release: the one way in, for the API and for upload tools.
#pragma once

#include "registryd/request/upload.h"
#include "schema/digest.h"

struct artifact_published {
    const char *package;
    const char *version;
    char sha256[DIGEST_HEX_SIZE];
    struct artifact_outcome outcome;
};

// In a dry run (request->is_dry_run) the same is asked and refused, and nothing is kept.
// What the request's rights and pace say about the name is asked before (publish_rights_begin). The file is
// hashed.  After OK this daemon has applied the change, or has waited some time for it. Texts live
// in the arena of the request.
// Fails with: CONFLICT (a finding "file-exists": the file name is there with other bytes; "release-differs": the
// release is there and does not agree; else the package takes no files), FORBIDDEN (also where the package or
// release is quarantined), INVALID (the artifact or its release breaks a rule), MALFORMED, TOO_MANY, UNAVAILABLE,
// UNKNOWN_OUTCOME, and as the store.
enum status artifact_publish(struct api *api, const struct request *request,
                             const struct uploaded_file *upload, struct findings *findings,
                             struct artifact_published *ret_published, struct error *err);
