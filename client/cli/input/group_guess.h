// SPDX-License-Identifier: MIT
// A misspelt group: what it was probably meant to be, among the groups of the conventions and of the registry.
#pragma once

#include "schema/guess.h"
#include "client/remote/api_call.h"

// The groups of the registry, as GET /v1/groups answers. NULL when they cannot be loaded: they only serve a hint.
// Owned.
json_t *group_guess_load(const struct api_call *call);

// The guess for `wanted`; more names may be offered. `groups` may be NULL. Borrows from both.
struct guess group_guess(const char *wanted, const json_t *groups);

// Whether the registry has every group: one that is misspelt would read as a group without plugins.
// Fails with: NOT_FOUND (names the group, and the nearest one), and as api_call_json.
enum status group_guess_check(const struct api_call *call, const char *const *groups, size_t count,
                              struct error *err);
