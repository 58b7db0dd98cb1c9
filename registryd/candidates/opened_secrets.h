// SPDX-License-Identifier: MIT
// The secrets of one environment in clear, for an answer to a reader who may have them. Plain data, in the arena of that
// request; never kept.
#pragma once

#include <stddef.h>

struct opened_secret {
    const char *package;
    const char *group;   // "" = of the package
    const char *name;    // likewise
    const char *pointer; // into the settings
    const char *value;   // JSON text of any type
};

struct opened_secrets {
    struct opened_secret *items;
    size_t count;
};
