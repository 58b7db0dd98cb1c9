// SPDX-License-Identifier: MIT
// direct_url.json of an installed distribution (PEP 610).
#pragma once

#include "schema/base/arena.h"
#include "schema/base/text.h"

// The folder of the project when the install is editable and lies on this machine; else NULL, also for a
// file that cannot be read. Arena.
const char *direct_url_editable(struct arena *arena, struct text bytes);
