// SPDX-License-Identifier: MIT
// The folder of the private PostgreSQL's unix socket. A socket's path has 107 bytes at the most and a
// data directory may be deep, so it is a short folder of its own, ours alone (0700). Its name comes
// from the data directory's place on the disk, so a crash leaves nothing that is not found again.
#pragma once

#include "registryd/postgres/postmaster.h"

#include "schema/base/error.h"

// The folder the last postmaster used when it is still there and ours; else the one that belongs to
// `data_dir`, under $RUNTIME_DIRECTORY, $XDG_RUNTIME_DIR, /run/registryd or /tmp; else, when somebody
// sits on that name or `avoid` (may be NULL) is it, one with a name of its own. Fails with: IO.
enum status socket_dir_make(const struct postmaster *last, const char *data_dir, const char *avoid,
                            char ret_dir[SOCKET_DIR_SIZE], struct error *err);

// Removes the folder and the socket in it, if it is one of ours. Allocates nothing.
void socket_dir_remove(const char *dir);
