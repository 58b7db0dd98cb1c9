// SPDX-License-Identifier: MIT
// A package in memory: all its releases with what selection asks of them, and the entry points of all
// groups. One block of memory each, since there may be a hundred thousand; what one release says as the
// one above it, is kept once. Immutable and counted by reference, so that tables share packages and a
// refresh replaces one without touching the others. Any thread.
#pragma once

#include "registryd/store/store_candidates.h"
#include "schema/base/cleanup.h"

#include <stdatomic.h>

enum package_status { PACKAGE_ACTIVE, PACKAGE_DEPRECATED, PACKAGE_ARCHIVED, PACKAGE_QUARANTINED };

// What releases of one package mostly have in common.
struct release_terms {
    const char *requires_python;     // NULL = any
    const char *const *requirements; // PEP 508, as published
    size_t requirement_count;
    const char *wheel_tags; // of all its wheels, with a space between; NULL = it has no wheel
    bool has_sdist;
};

struct package_release {
    const char *version; // normalised
    const struct release_terms *terms;
    const struct candidate_entry *entries; // by group and name
    const char *yanked;      // why it was yanked, "" when nobody said; NULL = it was not
    const char *quarantined; // the same of the release's own quarantine
    int64_t published_ms;    // Unix time
    uint32_t entry_count;
    bool prerelease;
};

struct package {
    atomic_int references;
    uint32_t release_count;
    size_t size;      // of the whole block
    const char *name; // normalised
    enum package_status status;
    const char *status_reason;              // NULL = nobody said
    const char *replaced_by;                // NULL = nothing
    const struct package_release *releases; // newest first
};

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
