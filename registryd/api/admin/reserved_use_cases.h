// SPDX-License-Identifier: MIT
// Reserving a name, for pages: texts of a form become a row that the store takes. The JSON route reads a body with the
// same rules and says every fault in it at once.
#pragma once

#include "registryd/request/api.h"
#include "registryd/store/store_access.h"

// Checks the row and normalises its name, which may come in any spelling; a missing reason is said so. Arena.
// Fails with: INVALID ("/name", "/team", "/reason"), NO_MEMORY.
enum status reserved_check(struct arena *arena, struct reserved_row *row, struct error *err);
