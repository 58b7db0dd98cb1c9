// SPDX-License-Identifier: MIT
// Untrusted text inside error messages: printable, valid UTF-8, short. Used by every parser of this
// folder, so that a message can be printed, logged and put into JSON as it is. Callable from any
// thread.
#pragma once

#include "schema/base/text.h"

struct quote {
    char text[72];
};

// `view` in single quotes: bad UTF-8 and control characters shown as '?', a long text cut. Made for
// the argument list of fail(): quote_text(view).text lives until the end of the call.
struct quote quote_text(struct text view);
