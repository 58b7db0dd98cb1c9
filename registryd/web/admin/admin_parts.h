// SPDX-License-Identifier: MIT
// What the pages of administration share.
#pragma once

#include "registryd/web/frame/page_answer.h"

// The beginning of such a page: its title, and links to the other pages; `address` is the page's own.
void admin_begin(struct page_context *page, const char *address, const char *title);

// A cell with inline code.
void admin_code_cell(struct html *html, const char *text);
