// SPDX-License-Identifier: MIT
// A package as selection reads it: all its releases with what is asked of them, and the entry points of
// all groups. Plain data that does not change; registryd/tables makes and shares it. Any thread.
#pragma once

#include "registryd/candidates/plain_requirement.h"
#include "registryd/store/store_candidates.h"

enum package_status { PACKAGE_ACTIVE, PACKAGE_DEPRECATED, PACKAGE_ARCHIVED, PACKAGE_QUARANTINED };

// A requirement with what every question asks of it first (requirement_name.h).
struct release_requirement {
    const char *text;         // PEP 508, as published
    uint32_t text_hash;       // by requirement_hash
    uint32_t name_hash;       // by requirement_hash_name
    struct plain_range range; // of versions
};

// What a release, or one of its files, asks of a host. Releases of one package mostly have it in common.
// Neighbouring releases with equal terms point at one struct (tables/package_pack.c).
struct release_terms {
    const char *file; // that has these terms, where the files of a release differ; else NULL
    const char *requires_python; // NULL = any
    const struct release_requirement *requirements;
    size_t requirement_count;
    const char *wheel_tags; // of all its wheels, with a space between; NULL = it has no wheel
    bool has_sdist;
};

struct package_release {
    const char *version; // normalised
    const struct release_terms *terms;
    const struct candidate_entry *entries; // by group and name
    const char *yanked;      // why it was yanked, "" without a reason; NULL = it was not
    const char *quarantined; // the same of the release's own quarantine
    int64_t published_ms;    // Unix time
    int64_t id;              // in the order of publishing
    uint32_t entry_count;
    uint16_t
        terms_count; // 1, unless its files differ: then one for each, as installers prefer them
    bool prerelease;
};

// Who decided about a release, and when: kept beside the releases, since few are decided about.
struct release_mark {
    uint32_t release;      // its index
    int64_t yanked_ms;     // Unix time; 0 = unknown
    const char *yanked_by; // NULL = unknown
    int64_t quarantined_ms;
    const char *quarantined_by;
};

struct package_marks {
    int64_t status_ms;     // when the status was set, as Unix time; 0 = unknown
    const char *status_by; // NULL = unknown
    uint32_t count;
    const struct release_mark
        *items; // of the releases that are yanked or quarantined, newest first
};

struct package {
    uint32_t release_count;
    uint32_t name_hash; // by requirement_hash
    const char *name;   // normalised
    enum package_status status : 8;
    bool shares_paths;                      // it came into folders where another package was before
    const char *status_reason;              // NULL = no reason given
    const char *replaced_by;                // NULL = nothing
    const char *owner;                      // a team; NULL = none
    const struct package_marks *marks;      // NULL: active, and no release is yanked or quarantined
    const struct package_release *releases; // newest first
};
