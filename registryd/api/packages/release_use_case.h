// SPDX-License-Identifier: MIT
// Publishing a release by its document: the one way in, for the API and for its dry run.
#pragma once

#include "registryd/request/api.h"
#include "schema/release/release.h"

// Rights, contracts, and what is there already. The request's rights and pace on the name are asked before
// (publish_rights_begin). In a dry run (request->is_dry_run) the same is asked and refused, and nothing is kept.
// Fails with: as publish_rights_check, contracts_publish; CONFLICT with a finding "release-differs" where the release
// is there and says something else.
enum status release_publish(struct api *api, const struct request *request,
                            const struct valid_release *valid, struct findings *findings,
                            struct publish_outcome *ret_outcome, struct error *err);

// What can be said without a token: the version that is there, names that look alike, and contracts. While the
// database is away it says less, with a warning "contract-unknown". Fails with: CONFLICT, INVALID, and as the store.
enum status release_ask(struct api *api, const struct valid_release *valid,
                        struct findings *findings, struct publish_outcome *ret_outcome,
                        struct error *err);
