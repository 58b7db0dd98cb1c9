// SPDX-License-Identifier: MIT
// Records, and releases left out, as tables; on the pages of groups and environments.
#pragma once

#include "registryd/resolver/outdated.h"
#include "registryd/web/entries/entries.h"
#include "registryd/web/pages/selection_part.h"

// Name, version, package, author or source, routers, errors and settings, as hosts list their plugins.
// `requirements`: of one group, with what each requires of the host; NULL: of many, with a column for the group.
void records_table_add(struct page_context *page, const struct selection_part *part,
                       const struct host_requirements *requirements);

// A cell with the code and the reason of a left-out release, and when a too-new one becomes eligible.
void records_table_add_reason(struct html *html, const struct exclusion *one);

// Packages of which a newer release is left out: the selected and the newest one, and why. The first of them, and
// how many there are.
void records_table_add_outdated(struct page_context *page, const struct outdated_list *list);

// The link to the next part of the records: the page's own address with page=N; nothing at the end.
void records_table_add_next(struct page_context *page, const char *path, size_t total,
                            int64_t number);
