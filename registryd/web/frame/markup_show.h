// SPDX-License-Identifier: MIT
// A list of commands (registryd/readme/markup.h) as HTML. The list comes from a process that read a stranger's text, so
// nothing in it is believed: every element is one of ours, every text is escaped, addresses lead to http, https and
// mailto alone, places within the text get a name that no part of a page has.
#pragma once

#include "registryd/web/frame/html.h"

enum { MARKUP_SHOWN_BYTES = 68 * 1024 }; // of HTML; more is cut, and said so

// Hosts whose pictures are shown; the pictures of all others are links.
struct image_hosts {
    const char *list; // with commas between them, as in the setting; NULL: none
};

// Headings begin at <h3>. What is no command ends the text.
void markup_show(struct html *html, struct text list, const struct image_hosts *hosts);
