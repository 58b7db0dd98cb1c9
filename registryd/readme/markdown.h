// SPDX-License-Identifier: MIT
// Markdown as on GitHub: tables, task lists, strikethrough, bare addresses, footnotes, names for headings, code in
// colours, and the few tags of HTML that READMEs are written with. Parsed by cmark-gfm; markdown.c is the only file
// that knows it.
#pragma once

#include "registryd/readme/markup.h"

// Whether cmark-gfm would take too long: about ten times the time of an ordinary text of 64 KiB. markdown_cost.c
bool markdown_is_costly(struct text text);

// Any UTF-8 without NUL that is not costly.
void markdown_add(struct markup *markup, struct text text);
