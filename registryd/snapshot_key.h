// SPDX-License-Identifier: MIT
// The key that signs snapshots, read once at start, before another user is taken on.
#pragma once

#include "schema/base/error.h"
#include "schema/snapshot/signature.h"

// Reads the key file that `registryctl snapshot key` wrote. It must be a regular file that only its
// owner, root or the user who started registryd, may read. Fails with: USAGE (says what is wrong with the file).
enum status snapshot_key_load(const char *path, struct signature_pair *ret_pair, struct error *err);
