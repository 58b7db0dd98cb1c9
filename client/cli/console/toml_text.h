// SPDX-License-Identifier: MIT
// Keys and strings as TOML writes them: bare where a bare key may stand, quoted and escaped otherwise,
// so that what is printed reads back as the same text and cannot steer a terminal. Pure.
#pragma once

#include "schema/base/arena.h"

// "crm" as crm, "honeyframe.plugins" as "honeyframe.plugins". Arena; NULL when out of memory.
const char *toml_key(struct arena *arena, const char *key);

// A basic string with its quotes. What is not UTF-8 becomes U+FFFD. Arena; NULL when out of memory.
const char *toml_string(struct arena *arena, const char *string);
