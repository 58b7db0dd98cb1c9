// SPDX-License-Identifier: MIT
// How many columns a text takes on a terminal: two for an East Asian wide character or an emoji, none
// for a combining mark. Pure; the locale does not matter.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/text.h"

// The columns that printable UTF-8 takes.
size_t display_width(const char *text);
size_t display_width_of(struct text text);

// The text when it fits in `columns`, else its start and an ellipsis. Arena, or the text itself; NULL
// when out of memory.
const char *display_cut(struct arena *arena, const char *text, size_t columns);

// The text for a terminal without UTF-8: "\u00e9" for a letter beyond ASCII, and "~" for the ellipsis of display_cut.
// Arena, or the text itself; NULL when out of memory.
const char *display_ascii(struct arena *arena, const char *text);
