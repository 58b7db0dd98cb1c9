// SPDX-License-Identifier: MIT
// Banners at the top of pages: what keeps a package, a release or a group from hosts, why, by whom and since when.
#pragma once

#include "registryd/store/store_candidates.h"
#include "registryd/web/frame/page.h"

// The holds of a page: loaded once, then looked up by name.
enum status holds_load(struct page_context *page, struct hold_rows *ret_rows, struct error *err);

// The hold of a package or a group. Borrowed; NULL = none.
const struct hold *holds_find(const struct hold_rows *rows, bool is_group, const char *name);

// Nothing for a package that is active.
void banner_add_package(struct page_context *page, const struct package_row *row);

// A yanked and a quarantined release; both when it is both.
void banner_add_release(struct html *html, const struct release_row *row);

// Nothing when `hold` is NULL. `is_own`: the page is about what is held, so its name is not repeated.
void banner_add_hold(struct page_context *page, const struct hold *hold, bool is_own);

// Nothing for a group in use: `contract` is NULL or deprecates nothing.
void banner_add_group(struct page_context *page, const struct group_contract *contract);
