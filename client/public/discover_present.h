// SPDX-License-Identifier: MIT
// What a host has on its disk, asked when the registry leads: a record that the registry gives must not cost the
// host a plugin that it runs today, only because a stranger published a package with an entry point of that name.
#pragma once

#include "schema/decision.h"
#include "schema/record.h"

struct present; // the walked records of one group, indexed

// Indexes what the walk found in a group; `walked` and `decisions` must outlive *ret_present. `decisions`: of the
// answer whose records will be asked about. Arena. Fails with: NO_MEMORY.
enum status present_new(struct arena *arena, const char *group, const struct records *walked,
                        const struct decisions *decisions, struct present **ret_present,
                        struct error *err);

// The walked plugin that answers in place of a given record of the group. Borrowed; NULL: the given one answers.
const struct record *present_find_holder(const struct present *present, const struct record *given);
