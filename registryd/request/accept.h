// SPDX-License-Identifier: MIT
// Content negotiation (RFC 9110, 12.5.1): which of the forms that a route can write a client wants most.
// Pure; any thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct accept_offer {
    const char *type; // "text/html", without parameters
    bool is_fallback; // what "*/*" and the absence of a header mean; other forms must be asked for
};

enum { ACCEPT_NONE = -1 };

// The position of the offer with the highest weight; among equals the one that is named more exactly, then
// the one that comes first. ACCEPT_NONE when the client takes none of them. `accept` may be NULL.
int accept_choose(const char *accept, const struct accept_offer *offers, size_t count);
