// SPDX-License-Identifier: MIT
// The identifiers that a licence expression may name. Static tables, sorted as if lower-case.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct license_id {
    const char *id;  // in its canonical case
    bool deprecated; // by SPDX, which names a successor
};

struct license_ids {
    const struct license_id *items;
    size_t count;
};

extern const struct license_ids license_ids;
extern const struct license_ids license_exception_ids;
