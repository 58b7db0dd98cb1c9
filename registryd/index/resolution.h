// SPDX-License-Identifier: MIT
// A resolution as JSON: selection over the tables of the groups asked for, written record by record
// into one answer. Pure; any thread.
#pragma once

#include "registryd/index/group_table.h"
#include "registryd/index/index.h"

// {"environment":"default","groups":[…],"records":[…]} and, when explaining, "excluded":[…].
// tables[i] is of query->groups[i]. *ret_answer is owned.
// Fails with: INVALID (python is no version), TOO_LARGE (the answer would be over
// LIMIT_ANSWER_BYTES), NO_MEMORY.
enum status resolution_encode(const struct resolve_query *query, struct group_table *const *tables,
                              const struct history_point *point, struct answer **ret_answer,
                              struct error *err);
