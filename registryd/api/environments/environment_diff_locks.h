// SPDX-License-Identifier: MIT
// The locks of two revisions, so that a comparison of their documents compares them, too.
#pragma once

#include "registryd/request/api.h"
#include "registryd/store/store_environments.h"

// Adds the member "lock" to the documents where the two locks differ. When both sides are frozen it has a member for
// each release: {"crm": {"version", "files", "ignored_quarantine"}}; when one is, what its lock is in short.
// Fails with: NO_MEMORY; as the store.
struct lock_side {
    const struct environment_row *row;
    json_t *document;
};
enum status environment_diff_locks(struct api *api, struct arena *arena,
                                   const struct lock_side sides[2], struct error *err);
