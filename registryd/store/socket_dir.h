// SPDX-License-Identifier: MIT
// The folder of the private PostgreSQL's unix socket. A socket's path has 107 bytes at the most and a
// data directory may be deep, so it is a short folder of its own, ours alone (0700). It keeps its
// name as long as it is in use, over restarts of the postmaster and of registryd.
#pragma once

#include "registryd/store/postmaster.h"

#include "schema/base/error.h"

// The folder the last postmaster used when it is still there and ours, else a new one under
// $RUNTIME_DIRECTORY, $XDG_RUNTIME_DIR, /run/registryd or /tmp. Fails with: IO.
enum status socket_dir_make(const struct postmaster *last, char ret_dir[SOCKET_DIR_SIZE],
                            struct error *err);

// Removes the folder and the socket. Allocates nothing.
void socket_dir_remove(const char *dir);
