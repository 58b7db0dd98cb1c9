// SPDX-License-Identifier: MIT
// What the rules of an environment make of all packages, counted: what hosts get, what is enabled in vain, what hosts
// withhold, and the left-out releases by reason. A few kilobytes, however many packages there are.
#pragma once

#include "registryd/resolver/outdated.h"
#include "registryd/web/frame/page.h"

enum {
    MISSING_SHOWN = 50,
    RANGES_OF_A_REASON = 5, // on the page of the environment
    RANGES_ON_A_PAGE = 100, // on the page of what is left out
    OUTDATED_SHOWN = 20
};

// Neighbouring releases of one package that are left out for one reason: "3.0.0 – 3.3.2".
struct release_range {
    const struct exclusion *newest;
    const struct exclusion *oldest;
    size_t count;
};

// Everything that is left out for reasons of one code.
struct left_out {
    const char *code;
    size_t releases;
    size_t packages;
    size_t ranges;
    size_t first;                // place of its first range among those of all codes
    struct release_range *items; // the first of them
    size_t count;
};

// How many packages hosts must not load for a code, from their own directories either.
struct withheld {
    const char *code;
    size_t packages;
};

struct rules_outcome {
    size_t packages;             // that hosts get
    size_t entry_points;         // of these
    struct missing_list missing; // the first MISSING_SHOWN of them
    size_t missing_count;
    struct withheld *withheld; // by code
    size_t withheld_count;
    size_t withheld_packages;
    struct left_out *left_out; // in the order of outcome_codes
    size_t left_out_count;
    size_t ranges;                 // of all codes
    struct outdated_list outdated; // at most OUTDATED_SHOWN items, and both counts of all
};

// Of the environment, in all groups or in one (`group`, else NULL). From the kept answer, which is made once for all
// readers. Arena. Fails with: as index_answer.
enum status outcome_load(struct page_context *page, const char *environment, const char *group,
                         struct rules_outcome *ret_outcome, struct error *err);

// RANGES_ON_A_PAGE of the ranges, from `first` on; the counts are those of all. Fails likewise.
enum status outcome_load_ranges(struct page_context *page, const char *environment, int64_t first,
                                struct rules_outcome *ret_outcome, struct error *err);

// ---- outcome_ranges.c: pure

// The ranges in the order of the exclusions, which are sorted by package, the newest release first. Arena; NULL when
// out of memory.
struct release_range *release_ranges_find(struct arena *arena, const struct exclusions *excluded,
                                          size_t *ret_count);

// The ranges of a selection by code, each list whole. Fails with: NO_MEMORY.
struct left_out_list {
    struct left_out *items;
    size_t count;
    size_t ranges;
};
enum status outcome_collect(struct arena *arena, const struct exclusions *excluded,
                            struct left_out_list *ret_list, struct error *err);

// ---- outcome_read.c

// Reads what the forms of outcome.c wrote. Arena. Fails with: NO_MEMORY.
enum status outcome_read(struct arena *arena, const json_t *json, struct rules_outcome *ret_outcome,
                         struct error *err);

// ---- outcome_part.c: the sections

// The reason in words, without its code: "The host does not meet their requirements".
const char *outcome_words(const char *code);
// "Enabled, gets nothing": first on the page, as this is what needs a person.
void outcome_add_missing(struct page_context *page, const char *environment,
                         const struct rules_outcome *outcome);
// Every reason folded, with its counts and the first ranges.
void outcome_add_left_out(struct page_context *page, const char *environment,
                          const struct rules_outcome *outcome);
// The rows of one reason.
void outcome_add_ranges(struct page_context *page, const struct left_out *left_out);
void outcome_add_outdated(struct page_context *page, const char *environment,
                          const struct outdated_list *list);
