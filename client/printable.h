// SPDX-License-Identifier: MIT
// Text from outside, made fit for an answer or a terminal. File names may be any bytes, and metadata
// may hold control characters that would steer a terminal. Pure, callable from any thread.
#pragma once

#include "schema/base/arena.h"

// The text with every byte that is not part of well-formed UTF-8 as U+FFFD. Arena; NULL when out of
// memory.
const char *printable_utf8(struct arena *arena, const char *text);

// As printable_utf8, and every control character, line separator and direction override as an escape
// ("\x1b", "\n", "\u202e"), so that the result is one line that a terminal only shows. Arena.
const char *printable_line(struct arena *arena, const char *text);
