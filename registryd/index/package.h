// SPDX-License-Identifier: MIT
// A package as one group sees it: its live releases with what selection asks of them, parsed once.
// Immutable and counted by reference, so that tables share packages and a refresh replaces one
// without touching the others. Any thread.
#pragma once

#include "registryd/store/store.h"
#include "schema/packaging/specifier.h"

#include <stdatomic.h>

struct package_release {
    const char *version; // normalised
    const char *origin;  // "/v1/packages/NAME/releases/VERSION"
    bool prerelease;
    bool yanked;
    const char *requires_python_text;            // NULL = any
    const struct specifier_set *requires_python; // NULL when the text is NULL or cannot be read
    const struct candidate_entry *entries;       // of the group; may be none
    size_t entry_count;
};

struct package {
    atomic_int references;
    struct arena *arena;
    const char *name; // normalised
    bool quarantined;
    struct package_release *releases; // newest first
    size_t release_count;
};

// Copies what the store gave. *ret_package is owned: package_unref. Fails with: NO_MEMORY.
enum status package_new(const struct candidate_package *from, struct package **ret_package,
                        struct error *err);
struct package *package_ref(struct package *package);
void package_unref(struct package *package);
