// SPDX-License-Identifier: MIT
// Which characters beyond ASCII stand in identifiers of Python. Static tables, sorted.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct character_range {
    uint32_t first;
    uint32_t last;
};

struct character_ranges {
    const struct character_range *items;
    size_t count;
};

extern const struct character_ranges identifier_starts;
extern const struct character_ranges identifier_parts; // what may follow the first character
