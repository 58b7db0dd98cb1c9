// SPDX-License-Identifier: MIT
// A thread that gives freed memory back to the system. The C library keeps what was freed in arenas of
// its threads: after a few large requests the process would stay as large as it ever was. The thread also
// writes the lines of the refusal log whose minute is over.
#pragma once

#include "registryd/access/refusal_log.h"
#include "schema/base/error.h"

struct trimmer;

// `refusals` is borrowed. Owned. Fails with: NO_MEMORY, INTERNAL.
enum status trimmer_start(struct refusal_log *refusals, struct trimmer **ret_trimmer,
                          struct error *err);

// Ends the thread. NULL is fine.
void trimmer_stop(struct trimmer *trimmer);
