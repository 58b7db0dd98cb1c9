// SPDX-License-Identifier: MIT
// Packages in memory: made from the store's rows, one block of memory each, since there may be a hundred
// thousand; what one release says as the one above it, is kept once. Counted by reference, so that tables
// share packages and a refresh replaces one without touching the others. Any thread.
#pragma once

#include "registryd/candidates/package.h"
#include "schema/base/cleanup.h"

// Copies what the store gave. *ret_package is owned: package_unref. Fails with: NO_MEMORY.
enum status package_new(const struct candidate_package *from, struct package **ret_package,
                        struct error *err);
struct package *package_ref(struct package *package);
void package_unref(struct package *package);

// Whether any release has an entry point in the group; "" asks for any group.
bool package_is_in(const struct package *package, const char *group);

// Whether two packages say the same in everything.
bool package_equals(const struct package *a, const struct package *b);

CLEANUP_DEFINE(struct package *, cleanup_package, package_unref)
