// SPDX-License-Identifier: MIT
// What a contract would refuse of what is there already: releases with entry points in the group, and settings of
// environments. A contract binds neither, so this is for the person who is about to set it.
#pragma once

#include "registryd/request/api.h"
#include "schema/release/group_contract.h"

enum {
    TRIAL_FAILURES = 1000, // listed of each kind
    TRIAL_MS = 8000,       // a client waits ten seconds
};

// {"complete", "releases": {"checked", "failing": [{"package", "version", "errors"}]},
//  "environments": {"checked", "failing": [{"environment", "package", "errors"}]}}. Without "complete" there may be more.
// Owned. Fails with: as the store.
enum status contract_try(struct api *api, const struct group_contract *contract,
                         json_t **ret_report, struct error *err);
