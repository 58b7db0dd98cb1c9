// SPDX-License-Identifier: MIT
// What the pages of groups and environments show of a selection: its counts, a part of its records, the names that
// several packages use, and the first of the releases that are left out and of the packages that are behind. A few
// kilobytes, however large the selection is.
#pragma once

#include "registryd/resolver/outdated.h"
#include "registryd/web/frame/page.h"

enum { RECORDS_ON_A_PAGE = 100, CONFLICTS_SHOWN = 100, EXCLUDED_SHOWN = 100, OUTDATED_SHOWN = 20 };

struct name_conflict {
    const char *name;
    struct strings packages; // the first of them
    size_t more;             // packages
};

struct selection_part {
    const char *environment;
    struct records records; // at most RECORDS_ON_A_PAGE, from resolve_query.first on
    size_t total;           // of all records
    struct name_conflict *conflicts;
    size_t conflict_count;
    size_t more_conflicts;
    struct exclusions excluded; // when explaining; without superseded releases
    size_t more_excluded;
    size_t superseded;
    struct outdated_list
        outdated; // when explaining; at most OUTDATED_SHOWN items, and both counts of all
};

// From the kept answer, which is made once for all readers. Arena. Fails with: as index_answer.
enum status selection_part_load(struct page_context *page, const struct resolve_query *query,
                                struct selection_part *ret_part, struct error *err);
