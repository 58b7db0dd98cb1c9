// SPDX-License-Identifier: MIT
// Paths that the wheels of two selected packages hold: pip would overwrite one with the other. The database knows the
// paths, and is asked only when a selected package came into a folder of another one. Any thread.
#pragma once

#include "registryd/tables/selected_files.h"

// Adds the warning "path-conflict" to the records of such packages. Without the database there are none, and the
// selection is good for those who wait for it alone (selection.is_passing).
// Fails with: NO_MEMORY.
enum status selected_paths_warn(struct store *store, struct arena *arena,
                                struct selection *selection, struct error *err);

// Refuses releases that cannot be installed together: one error "path-conflict" for each pair, at /releases/PACKAGE.
// Fails with: CONFLICT; as the store.
enum status selected_paths_check(struct store *store, const struct selected_releases *releases,
                                 struct findings *findings, struct error *err);
