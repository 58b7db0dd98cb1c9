// SPDX-License-Identifier: MIT
// Which installed PostgreSQL runs the private cluster.
#pragma once

#include "schema/base/error.h"

#include <limits.h>

enum { POSTGRES_OLDEST_MAJOR = 13 };

struct postgres_programs {
    char initdb[PATH_MAX];
    char postgres[PATH_MAX];
    int major;
};

// In `bin_dir` when it is given; else the folders of the distributions, newest first; else the PATH.
// `wanted_major` 0 = any from POSTGRES_OLDEST_MAJOR on; else that one, as a cluster can only be run
// by the version that made it.
// Fails with: IO (there is none), CONFLICT (there are only others; says how to move).
enum status postgres_programs_find(const char *bin_dir, int wanted_major,
                                   struct postgres_programs *ret_programs, struct error *err);
