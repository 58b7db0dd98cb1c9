// SPDX-License-Identifier: MIT
// A change as a sentence: who did what to what. Pages link its parts, feeds have it as text.
#pragma once

#include "registryd/store/store.h"
#include "registryd/web/frame/page.h"

// "shop/ci published crm 1.2.0 in honeyframe.plugins". Arena; NULL when out of memory.
const char *change_text(struct arena *arena, const struct change *change);

// The same in a page, each part a link to its page. The actor leads to what it did.
void change_add_sentence(struct page_context *page, const struct change *change);

// The page of what the change is about. Arena; NULL when out of memory.
const char *change_address(struct arena *arena, const struct change *change);

// A badge of what hosts feel, such as a yank, so that it is found among many changes; nothing for others.
void change_add_badge(struct html *html, const struct change *change);
