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
// Of a file of 100 bytes:
//   bytes=0-9        the first ten
//   bytes=90-        the last ten, as bytes=-10
//   bytes=90-500     the same: a range may end behind the file
//   bytes=100-       unsatisfiable
//   bytes=0-1,5-6    the whole
struct range range_parse(const char *header, int64_t size);
