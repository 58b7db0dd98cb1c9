// SPDX-License-Identifier: MIT
// The Range header of a GET (RFC 9110, 14): one range of bytes. Pure; any thread.
#pragma once

#include <stdint.h>

enum range_kind {
    RANGE_WHOLE,         // no range, or one of a kind that may be answered with everything
    RANGE_PART,          // first..last
    RANGE_UNSATISFIABLE, // behind the end
};

struct range {
    enum range_kind kind; // none, one range, or one that cannot be served
    int64_t first;        // byte, from 0
    int64_t last;         // inclusive
};

// `header` may be NULL. Other units than bytes, several ranges and what is no range at all give the
// whole. `size` is at least 1.
struct range range_parse(const char *header, int64_t size);
