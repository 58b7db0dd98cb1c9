// SPDX-License-Identifier: MIT
// Requirements of the most frequent form, "crm>=1.2,<3": judged from their text, without parsing. Any thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum plain_verdict { PLAIN_UNKNOWN, PLAIN_ACCEPTS, PLAIN_REFUSES };

// The clauses of a plain requirement, in its text; NULL when it is not plain. It is when a name and comparisons with
// plain versions, such as 1.2, are all of it: no extras, no marker, no address, no white space. Every such text can
// be parsed.
const char *plain_find_clauses(const char *requirement);

// What the clauses say to a version, as the specifiers would; unknown unless the version is plain too.
enum plain_verdict plain_judge(const char *clauses, const char *version);

// A number that orders plain versions as they are ordered: 1.2 and 1.2.0 have the same. 0 = the version is not plain,
// or has large numbers.
uint32_t plain_key(const char *version);

// The keys of the versions that a plain requirement accepts, both ends included. It begins behind its end when the
// requirement says something else, or accepts no version: then its text must be read.
struct plain_range {
    uint32_t low;
    uint32_t high;
};
struct plain_range plain_find_range(const char *requirement);

static inline bool plain_is_range(struct plain_range range) {
    return range.low <= range.high;
}

// Whether a range has the version of a key, which is not 0.
static inline bool plain_has(struct plain_range range, uint32_t key) {
    return key >= range.low && key <= range.high;
}
