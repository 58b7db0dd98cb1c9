// SPDX-License-Identifier: MIT
// The rules a release must keep to be stored, as one table. Each rule looks at the release, adds its
// findings, and puts the normal form of what it judged into the copy that will be stored. Internal to
// release_check.
#pragma once

#include "schema/release/release_fields.h"

// The state of one check. A rule reads `release`, and writes to `findings` and `valid` alone, so
// that no rule depends on what another one changed.
struct checking {
    struct arena *arena;
    struct findings *findings;
    const struct release *release; // as given
    struct valid_release *valid;   // valid->release starts as a copy of `release`
};

struct release_rule {
    void (*check)(struct checking *checking);
    const char *description;
};

extern const struct release_rule release_rules[];
extern const size_t release_rule_count;

// Adds an error at a JSON pointer.
void checking_add(struct checking *checking, const char *code, const char *where,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));

// The length, encoding and characters of one text. False after a finding.
bool checking_text(struct checking *checking, const char *where, const struct release_field *field,
                   const char *text);

// Whether an array of `count` keeps `limit`.
bool checking_count(struct checking *checking, const char *where, size_t count, size_t limit);

// The row of a key of the release document; the key exists.
const struct release_field *checking_field(const char *key);

// An array in the arena; NULL is remembered as out of memory.
void *checking_array(struct checking *checking, size_t count, size_t size);

// release_rules_entries.c
void check_entry_points(struct checking *checking);
void check_manifests(struct checking *checking);
