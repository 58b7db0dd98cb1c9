// SPDX-License-Identifier: MIT
// Records, and releases left out, as tables; on the pages of groups and environments.
#pragma once

#include "registryd/resolver/selection.h"
#include "registryd/web/frame/page.h"

enum { RECORDS_ON_A_PAGE = 100 };

// Which of them: from `first` on, at most RECORDS_ON_A_PAGE.
struct records_part {
    size_t first;   // index of the first record shown
    bool has_group; // a column for it
};

// Name, version, package, author or source, routers, errors and settings, as hosts list their plugins.
void records_table_add(struct page_context *page, const struct selection *selection,
                       const struct records_part *part);

// Releases that are left out, and why; those a newer one replaces only as a number.
void records_table_add_excluded(struct page_context *page, const struct selection *selection);

// The link to the next part of the records: the page's own address with page=N; nothing at the end.
void records_table_add_next(struct page_context *page, const char *path, size_t total,
                            int64_t number);
