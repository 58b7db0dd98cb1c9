// SPDX-License-Identifier: MIT
// The name that a requirement asks for, read from its text without parsing the rest. Any thread.
#pragma once

#include "schema/base/limits.h"

#include <stdbool.h>
#include <stdint.h>

// The normal form of the name that a requirement begins with. False when it is longer than a name may be.
bool requirement_read_name(const char *requirement, char ret_name[LIMIT_NAME_BYTES + 1]);

// Whether a requirement asks for the package of this name (normalised).
bool requirement_asks_for(const char *requirement, const char *name);

// A hash of a text; the same for equal texts. Never 0.
uint32_t requirement_hash(const char *text);

// The hash of the name that a requirement asks for, in normal form; 0 = it is longer than a name may be.
uint32_t requirement_hash_name(const char *requirement);
