// SPDX-License-Identifier: MIT
// Lengths of time on the command line: "7d", "12h", "30m", "45s" or a number of seconds.
#pragma once

#include <stdbool.h>

// The text as seconds. False when it is no such time, or over ten years.
bool duration_parse(const char *text, long long *ret_seconds);
