// SPDX-License-Identifier: MIT
// The file of a signing key, which "registryctl snapshot key" makes.
#pragma once

#include "schema/base/error.h"
#include "schema/snapshot/signature.h"

// Reads the pair; wipe it after use. Fails with: MALFORMED, IO.
enum status key_file_read(const char *path, struct signature_pair *ret_pair, struct error *err);
