// SPDX-License-Identifier: MIT
// The contracts of groups: reading and setting them, and holding releases against them.
#pragma once

#include "registryd/request/api.h"
#include "registryd/store/store_lifecycle.h"

// {"owner","description","name_pattern","kind","conflict","priority","manifest_schema",
// "settings_schema","checks","deprecated"}. Owned; NULL
// when out of memory.
json_t *contract_encode(const struct group_contract *contract);

// Reads the body of contracts_set. Fails with: as body_decode; INVALID also for breaches of its rules.
enum status contract_decode(const struct request *request, const char *group,
                            struct findings *findings, struct group_contract *ret_contract,
                            struct error *err);

// Holds a release against the contracts of its groups; breaches are findings. *ret_revision is for
// struct publisher. Fails with: INVALID, and as store_contracts_load.
enum status contracts_check(struct api *api, const struct valid_release *release,
                            struct findings *findings, int64_t *ret_revision, struct error *err);

// A release on its way to the store; contract_revision of the publisher is filled in here.
struct contracts_order {
    const struct valid_release *release;
    struct publisher publisher;
};

// Publishes a release, held against the contracts of its groups.
// Fails with: INVALID (findings hold the breaches), and as store_publish.
enum status contracts_publish(struct api *api, struct contracts_order *order,
                              struct findings *findings, struct publish_outcome *ret_outcome,
                              struct error *err);
