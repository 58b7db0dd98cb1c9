// SPDX-License-Identifier: MIT
// The tags of HTML that READMEs are written with: pictures, links, line breaks, small formatting. Their frames (div,
// center, tables, details) are left out and their text stays. Every other tag is shown as text, and nothing of HTML
// goes through: what comes out is markup.
#pragma once

#include "registryd/readme/markup.h"

enum { TAGS_OPEN_MAX = 8 };

struct html_tags {
    struct markup *markup;
    unsigned names[TAGS_OPEN_MAX]; // of the tags that are open, as rows of a table
    size_t count;
};

// One tag or comment within a paragraph.
void tags_add_inline(struct html_tags *tags, struct text html);
// Closes what is still open, at the end of a paragraph.
void tags_end(struct html_tags *tags);
// A block of HTML, with paragraphs of its own.
void tags_add_block(struct markup *markup, struct text html);
