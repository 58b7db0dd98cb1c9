// SPDX-License-Identifier: MIT
// One registryd per data directory: flock on its LOCK file, held as long as the process lives. The
// file says who holds it, for the message to the next one; only the lock itself counts.
#pragma once

#include "schema/base/error.h"

// Takes the lock; *ret_fd is owned and must stay open. Waits about a second, as a supervisor that
// outlived its registryd looks at the lock now and then, and up to 40 s while one is stopping the
// private PostgreSQL. Fails with: CONFLICT (another registryd has it), IO.
enum status data_lock_take(const char *data_dir, int *ret_fd, struct error *err);

// For the supervisor; allocates nothing. An fd when the lock was free, else -1.
int data_lock_try(const char *data_dir);
// Says that the holder is stopping the private PostgreSQL.
void data_lock_note_stopping(int fd);
