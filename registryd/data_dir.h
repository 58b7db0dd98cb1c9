// SPDX-License-Identifier: MIT
// The data directory: made when missing (0700, for the account we become), never touched when it
// exists. What is wrong with one that exists is said in one sentence with the command that mends it.
#pragma once

#include "registryd/privileges.h"

// Makes `path` and its missing parents; only the last is given to the account. Called as root or as
// the account. Fails with: IO.
enum status data_dir_make(const char *path, const struct account *account, struct error *err);

// Called as the account: checks that the directory can be used and that no other user (but root) could
// have written to it, goes there, and gives its absolute
// path. *ret_path is owned. Fails with: IO, NO_MEMORY.
enum status data_dir_enter(const char *path, const struct account *account, char **ret_path,
                           struct error *err);
