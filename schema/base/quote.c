// SPDX-License-Identifier: MIT
// Makes untrusted text fit for an error message.
#include "schema/base/quote.h"

#include <string.h>

enum { QUOTE_MAX_BYTES = sizeof(struct quote) - 6 }; // two quotes, an ellipsis, the NUL

// The number of bytes of the character at `p`; 1 for a byte that starts none.
static size_t step_of(const char *p, size_t left) {
    for (size_t len = 2; len <= 4 && len <= left; len++) {
        if (!utf8_is_valid(p, 1) && utf8_is_valid(p, len)) {
            return len;
        }
    }
    return 1;
}

struct quote quote_text(struct text view) {
    struct quote out = {.text = "'"};
    size_t len = 1;
    size_t at = 0;
    while (at < view.len) {
        const char *p = view.ptr + at;
        size_t step = step_of(p, view.len - at);
        if (len + step > QUOTE_MAX_BYTES) {
            memcpy(out.text + len, "\xe2\x80\xa6", 3);
            len += 3;
            break;
        }
        bool shown = step > 1 || (p[0] >= ' ' && p[0] < 0x7f);
        memcpy(out.text + len, shown ? p : "?", step);
        len += step;
        at += step;
    }
    out.text[len] = '\'';
    out.text[len + 1] = '\0';
    return out;
}
