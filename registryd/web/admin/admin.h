// SPDX-License-Identifier: MIT
// The pages of administration, as rows of the route table. What takes something away is asked on a page of its own.
#pragma once

#include "registryd/request/api.h"

api_handler page_admin; // GET /admin: what there is to administer, and which right each needs

api_handler page_grants;        // GET /admin/grants
api_handler page_grants_add;    // POST /admin/grants
api_handler page_grants_ask;    // GET /admin/grants/revoke: asks before it is done
api_handler page_grants_revoke; // POST /admin/grants/revoke

api_handler page_reserved;         // GET /admin/reserved-names
api_handler page_reserved_add;     // POST /admin/reserved-names
api_handler page_reserved_ask;     // GET /admin/reserved-names/{name}/release
api_handler page_reserved_release; // POST /admin/reserved-names/{name}/release

api_handler page_contracts; // GET /admin/contracts

api_handler page_audit;        // GET /admin/audit
api_handler page_audit_verify; // GET /admin/audit/verification

// For those who may not see one of them: a page that says which right is missing.
enum status page_admin_refuse(struct api *api, const struct request *request, struct reply *reply,
                              const struct error *problem, struct error *err);
