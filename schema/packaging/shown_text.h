// SPDX-License-Identifier: MIT
// Characters that deceive a reader of a text: they move a terminal's cursor, end a line, turn the
// direction of writing, or show as nothing. Texts that pages and terminals show must not hold them.
// Works on valid UTF-8; callable from any thread.
#pragma once

#include "schema/base/text.h"

enum shown_fault {
    SHOWN_GOOD,
    SHOWN_CONTROL,   // C0, DEL, C1 (U+0085 too), and the line ends U+2028 and U+2029
    SHOWN_INVISIBLE, // bidi controls, zero-width characters, tags
};

// The first fault of a text of one line that people read: a summary, an author, a keyword, a label.
// What writing needs passes: joiners of emoji and of Indic and Persian script, variation selectors,
// directional marks.
enum shown_fault shown_text_find_fault(struct text text);

// The same of a name, which is compared as well as read: nothing invisible passes at all, and of white
// space only the plain space.
enum shown_fault shown_name_find_fault(struct text name);
