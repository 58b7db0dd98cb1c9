// SPDX-License-Identifier: MIT
// A package's description as HTML. Markdown is parsed by cmark-gfm and written by our own writer, so that
// every text is escaped; HTML inside it is shown as text, pictures become links, and links lead to http,
// https and mailto alone. Anything that is not Markdown is shown as it stands. The only file that knows
// cmark-gfm. Text that would take cmark-gfm too long is shown as it stands.
#pragma once

#include "registryd/web/frame/html.h"

enum { MARKDOWN_BYTES_MAX = 64 * 1024 }; // more is cut, and said so

// `content_type` as in the release document; NULL or unknown is plain text. Headings begin at <h3>.
void markdown_add(struct html *html, const char *description, const char *content_type);
