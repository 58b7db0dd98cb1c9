// SPDX-License-Identifier: MIT
// Text as Python sees it: which characters are white space, which end a line, and what is an identifier.
// For readers that must agree with Python's own. Works on valid UTF-8; callable from any thread.
#pragma once

#include "schema/base/text.h"

// `view` without the white space of str.strip() at both ends.
struct text python_text_strip(struct text view);

// The next line of *rest as str.splitlines() cuts it, without its end; moves *rest past it. False
// when nothing is left. *ret_unusual says that the line ended in something else than \n, \r or \r\n.
bool python_text_split_line(struct text *rest, struct text *ret_line, bool *ret_unusual);

// str.isidentifier(): combining marks count, emoji do not.
bool python_text_is_identifier(struct text word);

// keyword.iskeyword(): "class", "None"; not the soft ones ("match").
bool python_text_is_keyword(struct text word);
