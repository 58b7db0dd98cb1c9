// SPDX-License-Identifier: MIT
// The contracts of groups, as the registry has them.
#pragma once

#include "client/remote/api_call.h"
#include "client/walk/hold_contracts.h"

// Loads the contract of each group that a record is of: one request a group. A group that the registry does not know,
// or that has no contract, is left out. Arena of the call.
// Fails with: as api_call_json, but NOT_FOUND.
enum status group_contracts_load(const struct api_call *call, const struct records *records,
                                 struct asked_contracts *ret_contracts, struct error *err);
