// SPDX-License-Identifier: MIT
// Single entry points on the pages: finding them by what they are.
#pragma once

#include "registryd/web/frame/page.h"

api_handler page_entry_points; // GET /entry-points

// The link from a search of packages to that of entry points. `words` of the search, NULL = none, become its module or
// its value when they look like one, else its name. `is_missed`: no package was found.
void entries_link_add(struct page_context *page, const char *words, bool is_missed);
