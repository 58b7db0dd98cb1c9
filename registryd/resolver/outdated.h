// SPDX-License-Identifier: MIT
// What of a selection is behind: packages of which a newer release than the selected one is left out, but for those
// that the environment disables or does not enable. Pure; any thread.
#pragma once

#include "registryd/resolver/selection.h"

// A package that is behind.
struct outdated {
    const char *package;
    const char *selected;           // version; NULL = no release is selected
    const struct exclusion *newest; // the newest release that is left out, and why
    size_t newer;                   // how many left-out releases are newer than the selected one
    size_t too_new;                 // of those, how many only need time
};

struct outdated_list {
    struct outdated *items; // by package
    size_t count;
    size_t outdated_count; // packages with a newer release that needs more than time
    size_t too_new_count;  // packages whose newer releases are all too new
};

// Of a selection that was explained. Items borrow from it; the list is in the arena. Fails with: NO_MEMORY.
enum status outdated_find(struct arena *arena, const struct selection *selection,
                          struct outdated_list *ret_list, struct error *err);
