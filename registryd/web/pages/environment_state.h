// SPDX-License-Identifier: MIT
// The state of an environment on its page: whether it is frozen or archived, what its lock holds, and the forms that
// change that.
#pragma once

#include "registryd/store/store_environments.h"
#include "registryd/web/frame/page.h"

// A badge for each state that is not the usual one; nothing for an environment that follows its rules.
void environment_state_badges(struct html *html, const struct environment_row *row);

// The section: the banner, the lock, exports and forms. Fails with: as the store.
enum status environment_state_add(struct page_context *page, const struct environment_row *row,
                                  struct error *err);
