// SPDX-License-Identifier: MIT
// Names of headings, as GitHub makes them: "What's new?" is "whats-new", and the second one "whats-new-1".
#pragma once

#include "schema/base/text.h"

enum { PLACE_BYTES = 96, PLACES_MAX = 400 };

struct heading_places {
    struct heading_place {
        char name[PLACE_BYTES];
        unsigned repeated;
    } items[PLACES_MAX];
    size_t count;
};

// Makes `text` a name that no other heading has. Empty when there are too many headings, or nothing to name.
struct text places_add(struct heading_places *places, struct text text,
                       char room[PLACE_BYTES + 16]);
