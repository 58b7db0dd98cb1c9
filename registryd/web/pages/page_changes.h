// SPDX-License-Identifier: MIT
// Changes as a list for people, the newest first; on the pages of activity and of a package.
#pragma once

#include "registryd/web/frame/page.h"

// The `limit` changes before the serial `before`; 0 = the last ones. Fails as store_changes_load.
enum status page_changes_load(struct page_context *page, int64_t before, int limit,
                              struct changes *ret_changes, struct error *err);

// A list of them, from the last to the first.
void page_changes_add(struct page_context *page, const struct changes *changes);
