// SPDX-License-Identifier: MIT
// A package as selection reads it: all its releases with what is asked of them, and the entry points of
// all groups. Plain data that does not change; registryd/tables makes and shares it. Any thread.
#pragma once

#include "registryd/store/store_candidates.h"

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
    uint32_t release_count;
    const char *name; // normalised
    enum package_status status;
    const char *status_reason;              // NULL = nobody said
    const char *replaced_by;                // NULL = nothing
    const struct package_release *releases; // newest first
};
