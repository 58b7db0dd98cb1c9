// SPDX-License-Identifier: MIT
// The key of a question in the cache of answers. Pure; any thread.
#pragma once

#include "registryd/candidates/query.h"
#include "schema/base/text.h"

enum { QUERY_KEY_BYTES_MAX = 64 * 1024 };

// Two questions with one key get one answer. The lists of a query are sorted, so their order does not matter. `form` names what is
// written of the answer.
void query_key_write(const struct resolve_query *query, const char *form, struct buffer *key);
