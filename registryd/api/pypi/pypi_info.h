// SPDX-License-Identifier: MIT
// The member "info" of a package's JSON document: the release document under the names of core metadata.
#pragma once

#include "registryd/store/store.h"

#include <jansson.h>

struct pypi_info {
    const char *base; // of the registry's addresses
    const struct package_detail *package;
    const struct release_row *release; // the one that it is about
    const char *document;              // of that release
};

// Owned. What a release does not say is null, as in the index that the form comes from, and never an empty list.
// NULL when out of memory.
json_t *pypi_info_encode(const struct pypi_info *info);
