// SPDX-License-Identifier: MIT
// Moments as people and documents write them: RFC 3339 in UTC, to the second. Pure; any thread.
#pragma once

#include "schema/base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum { UTC_SIZE = 21 }; // "2026-12-31T09:30:00Z" and NUL

// Reads "2026-12-31" (its first moment), "2026-12-31T09:30Z" or "2026-12-31T09:30:00Z", of the years 1970 to
// 9999. *ret_ms is Unix time. False when it is none of these, or no day of the calendar.
bool utc_parse(struct text text, int64_t *ret_ms);

// Writes "2026-12-31T09:30:00Z"; parts of a second are left out. `ms` outside 1970 to 9999 is written as the
// nearest moment within.
void utc_write(int64_t ms, char ret_text[UTC_SIZE]);
