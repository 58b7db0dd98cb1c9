// SPDX-License-Identifier: MIT
// Changes as a list for people; on the pages of activity and of a package, and on the first page.
#pragma once

#include "registryd/store/activity/store_activity.h"
#include "registryd/web/frame/page.h"

enum { CHANGES_ON_A_PAGE = 50 };

// A list of them, as they come; nothing where there are none.
void change_list_add(struct page_context *page, const struct changes *changes);

// Links to the page of all activity with this filter, and to its feed. NULL when out of memory. Arena.
const char *change_list_address(struct arena *arena, const char *path,
                                const struct changes_filter *filter, int64_t before);
