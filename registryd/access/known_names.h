// SPDX-License-Identifier: MIT
// Names of packages that were seen to exist, in groups without a contract. Only a hint, which saves a question before
// a publish: it may forget, and two names may look the same to it. Names are never deleted, but a registry that is
// restored can lose some. So a caller that follows the hint leaves the last word to the store. Any thread.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { KNOWN_NAMES = 8192 };

// Zero: none.
struct known_names {
    _Atomic uint64_t slots[KNOWN_NAMES];
};

void known_names_add(struct known_names *names, const char *name);
bool known_names_have(struct known_names *names, const char *name);
