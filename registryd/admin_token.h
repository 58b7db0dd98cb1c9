// SPDX-License-Identifier: MIT
// The first administrator's token: a file for the person who installs, a hash in the store. The file
// is written first, so a crash between the two leaves a file that the next start makes good.
#pragma once

#include "registryd/store/store_access.h"

// Sees to it that the registry has an administrator: makes <data_dir>/admin.token (0600) when the
// registry has no token yet. A registry that has one keeps it, and no file is made. *ret_made says
// whether the token in the file was given its power now.
// Fails with: IO, DISK_FULL, UNAVAILABLE (call again), INTERNAL.
enum status admin_token_ensure(const char *data_dir, struct store *store, bool *ret_made,
                               struct error *err);
