// SPDX-License-Identifier: MIT
// Text as Python's str sees it: which characters are white space and which end a line. For readers
// that must agree with Python's own. Works on valid UTF-8; callable from any thread.
#pragma once

#include "schema/base/text.h"

// `view` without the white space of str.strip() at both ends.
struct text python_text_strip(struct text view);

// The next line of *rest as str.splitlines() cuts it, without its end; moves *rest past it. False
// when nothing is left. *ret_unusual says that the line ended in something else than \n, \r or \r\n.
bool python_text_split_line(struct text *rest, struct text *ret_line, bool *ret_unusual);
