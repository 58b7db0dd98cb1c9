// SPDX-License-Identifier: MIT
// Package names: PEP 503 (validity, normal form), which extras (PEP 685) and host names share.
// Pure functions, callable from any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

// True for ^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$ of at most LIMIT_NAME_BYTES bytes.
bool name_is_valid(struct text name);

// The normal form: lower-case, each run of '-', '_', '.' one '-'. Arena.
// Fails with: INVALID (says what a name may hold), NO_MEMORY.
//
//     "Honeyframe_CRM", "honeyframe.crm", "HoneyFrame--crm"   ->   "honeyframe-crm"
//
// Packages are compared and stored by this form alone; the spelling of the author is for display.
enum status name_normalize(struct arena *arena, struct text name, const char **ret_normalized,
                           struct error *err);
