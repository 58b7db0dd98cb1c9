// SPDX-License-Identifier: MIT
// Text from outside, made fit for an answer or a terminal. File names may be any bytes, and metadata
// may hold control characters that would steer a terminal. Pure, callable from any thread.
#pragma once

#include "schema/base/arena.h"

#include <stdbool.h>
#include <stdint.h>

// The text with every byte that is not part of well-formed UTF-8 as U+FFFD. Arena; NULL when out of
// memory.
const char *printable_utf8(struct arena *arena, const char *text);

// As printable_utf8, and every control character, line separator and direction override as an escape
// ("\x1b", "\n", "\u202e"), so that the result is one line that a terminal only shows. Arena.
const char *printable_line(struct arena *arena, const char *text);

// The character at the start of `left` bytes: its length and its code point. 0 when it is not
// well-formed UTF-8.
size_t printable_character(const char *text, size_t left, uint32_t *ret_code);

// Whether a terminal would obey the character (or hide it) rather than show it.
bool printable_steers_terminal(uint32_t code);
