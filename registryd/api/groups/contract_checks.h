// SPDX-License-Identifier: MIT
// The member "checks" of a contract: which warnings about wheels are errors in the group, and holding a wheel
// against it.
#pragma once

#include "registryd/request/api.h"
#include "schema/object.h"
#include "schema/release/group_contract.h"

// {"entry-point-module-missing": "error"}; target is the contract. For the table of members.
void contract_checks_decode(struct object_reader *reader, const char *where, const json_t *value,
                            void *target);

// The same again; a check that is only a warning is left out. Owned; NULL when out of memory.
json_t *contract_checks_encode(const struct group_contract *contract);

// Makes the warnings about a wheel errors where the contracts of their groups say so; asks the store only when there
// is such a warning. Fails with: INVALID, and as store_contracts_load.
enum status contract_checks_apply(struct api *api, struct findings *findings, struct error *err);
