// SPDX-License-Identifier: MIT
// Completing a release by its first file, inside the transaction that adds the file. Used by the upload of an
// artifact alone.
#pragma once

#include "registryd/store/libpq/db.h"
#include "registryd/store/store.h"

// Writes upload->completed in the place of the release with the digest upload->there_digest. *ret_point is that of
// the change. Fails with: CONFLICT (that release is not there any more, or has a file by now), and as db_run.
enum status release_complete(struct db *db, const struct artifact_upload *upload,
                             struct history_point *ret_point, struct error *err);
