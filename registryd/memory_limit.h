// SPDX-License-Identifier: MIT
// How much memory there is, and how the C library gives it back.
#pragma once

#include <stddef.h>

// The budget for bodies and answers in progress: `wanted` bytes, or for 0 a quarter of the memory of
// the machine or of the control group (version 2 or 1), whichever is less.
size_t memory_limit_budget(size_t wanted);

// Few arenas, and large blocks straight from the system: called once, before any thread exists.
void memory_limit_tune(void);
