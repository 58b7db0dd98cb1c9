// SPDX-License-Identifier: MIT
// Changes as a list for people, the newest first; on the pages of activity and of a package.
#pragma once

#include "registryd/store/activity/store_activity.h"
#include "registryd/web/frame/page.h"

enum { CHANGES_ON_A_PAGE = 50 };

// A list of them, as they come.
void page_changes_add(struct page_context *page, const struct changes *changes);
