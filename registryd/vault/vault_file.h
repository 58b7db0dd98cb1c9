// SPDX-License-Identifier: MIT
// The file of keys: reading it, and replacing it as a whole. For vault.c only.
#pragma once

#include "registryd/vault/vault_key.h"
#include "schema/base/error.h"

#include <stdbool.h>

// A random key.
void vault_key_make(struct vault_key *ret_key);

// Reads the keys. An empty file has none; *ret_exists tells it from no file. Fails with: UNAVAILABLE.
enum status vault_file_read(const char *path, struct vault_keys *ret_keys, bool *ret_exists,
                            struct error *err);

// Replaces the file, whole and on disk when the call returns. With `creates` a file with keys that is there meanwhile
// stays. Mode 0600. Fails with: UNAVAILABLE.
enum status vault_file_write(const char *path, const struct vault_keys *keys, bool creates,
                             struct error *err);
