// SPDX-License-Identifier: MIT
// The layout of a parsed version, shared by the version_*.c and specifier_*.c files and nobody
// else. Numbers stay text without leading zeros, so they are unbounded: the longer one is the
// larger, and equal lengths compare as bytes.
#pragma once

#include "schema/packaging/version/version.h"

enum pre_rank { PRE_DEV_ONLY = 1, PRE_ALPHA, PRE_BETA, PRE_RC, PRE_NONE }; // in PEP 440 order

struct version {
    struct text epoch;    // "0" when none is written
    struct text *release; // at least one
    size_t release_count;
    size_t release_stripped; // release_count without trailing zeros; 0 for "0.0"
    enum pre_rank pre_rank;  // dev only < alpha < beta < rc < none
    struct text pre;         // its number, where the rank has one
    struct text post;        // ptr NULL: not a post-release
    struct text dev;         // ptr NULL: not a development release
    struct text *local;      // segments: all digits (a number), or lower-case text
    size_t local_count;
    const char *string;  // the normal form
    struct text parts[]; // what release and local point into
};

// The n-th release number; beyond the last it is "0".
struct text version_release_at(const struct version *version, size_t index);

int version_compare_numbers(struct text a, struct text b);
bool version_segment_is_number(struct text segment); // of the local part

// The orders the specifiers need: without the local part; epoch and release only.
int version_compare_public(const struct version *a, const struct version *b);
int version_compare_base(const struct version *a, const struct version *b);
