// SPDX-License-Identifier: MIT
// Compatibility tags (PEP 425, 600, 656): which wheels an environment accepts, and which it likes
// best. Tags are kept as rows (interpreter and ABI) times platforms, best first, so that a set of a
// thousand tags stays small. Filled once, then immutable; callable from any thread.
#pragma once

#include "schema/packaging/wheel_name.h"

// What is said of an environment. Empty views are allowed where it says so.
struct tags_facts {
    struct text python;         // "3.11", "3.11.4"
    struct text implementation; // "cpython", "pypy", …; empty: cpython
    struct text abi;            // "cp311", "cp313t"; empty: the usual one of the interpreter
    struct text platform;       // "manylinux_2_36_x86_64", "linux_x86_64", "musllinux_1_2_aarch64",
                                // "macosx_14_0_arm64", "win_amd64"; empty: pure wheels only
};

struct tags_row {
    const char *interpreter; // "cp313"
    const char *abi;         // "cp313", "abi3", "none"
    bool any_platform;       // goes with the platform "any" instead of the list
};

struct tags {
    const struct tags_row *rows; // best first
    size_t row_count;
    const char *const *platforms; // best first
    size_t platform_count;
};

// Works out the tags of an environment. Arena.
// Fails with: INVALID (says which fact), TOO_LARGE, NO_MEMORY.
enum status tags_init(struct tags *tags, struct arena *arena, const struct tags_facts *facts,
                      struct error *err);

// The platforms that accept wheels built for `platform` and those it is compatible with, best
// first. Arena. Fails with: INVALID, NO_MEMORY.
enum status tags_platforms(struct arena *arena, struct text platform,
                           const char *const **ret_platforms, size_t *ret_count, struct error *err);

// A tag ("cp311-cp311-manylinux2014_x86_64") with the legacy name of its platform in the form of PEP 600
// ("cp311-cp311-manylinux_2_17_x86_64"), so that two names of one platform compare as equal; a tag
// without a legacy name is given back as it is. Arena; NULL when out of memory.
const char *tag_without_alias(struct arena *arena, const char *tag);

// Whether the environment accepts the wheel; then *ret_rank (which may be NULL) is the rank of its
// best tag, 0 the best there is. Cannot fail.
bool tags_accept(const struct tags *tags, const struct wheel_name *wheel, size_t *ret_rank);
