// SPDX-License-Identifier: MIT
// Pages of a list: `limit` and `cursor`. A cursor is the last name of the page before, in base64url,
// so that nobody is led to build one.
#pragma once

#include "registryd/api/api.h"

// Reads the two parameters. The page lives in the request's arena. Fails with: USAGE, NO_MEMORY.
enum status cursor_decode(const struct request *request, struct page *ret_page, struct error *err);

// The cursor after `name`, or null when there is no `more`. Owned; NULL when out of memory.
json_t *cursor_encode(const struct request *request, bool more, const char *name);
