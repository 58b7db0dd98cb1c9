// SPDX-License-Identifier: MIT
// How much room text takes on a terminal: East Asian wide characters and emoji two columns, combining
// marks none. Without the locale, which a program of ours never sets. Pure.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/text.h"

// Columns that printable UTF-8 takes.
size_t display_width(const char *text);
size_t display_width_of(struct text text);

// The text when it fits in `columns`, else its start and an ellipsis. Arena, or the text itself; NULL
// when out of memory.
const char *display_cut(struct arena *arena, const char *text, size_t columns);
