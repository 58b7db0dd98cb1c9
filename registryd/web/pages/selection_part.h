// SPDX-License-Identifier: MIT
// What the pages of groups and environments show of a selection: its number of records, a part of them, and the names
// that several packages use. A few kilobytes, however large the selection is.
#pragma once

#include "registryd/resolver/selection.h"
#include "registryd/web/frame/page.h"

enum { RECORDS_ON_A_PAGE = 100, CONFLICTS_SHOWN = 100 };

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
};

// From the kept answer, which is made once for all readers. Arena. Fails with: as index_answer.
enum status selection_part_load(struct page_context *page, const struct resolve_query *query,
                                struct selection_part *ret_part, struct error *err);
