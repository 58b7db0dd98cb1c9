// SPDX-License-Identifier: MIT
// The handlers of administration: /v1/token and /v1/tokens, /v1/grants, /v1/reserved-names, the owner of a
// package, /v1/audit. The text of a token is in the answer of its creation and nowhere else.
#pragma once

#include "registryd/request/api.h"

api_handler tokens_list, tokens_add, tokens_show, tokens_revoke, tokens_revoke_leaked,
    tokens_show_own;
api_handler grants_list, grants_add, grants_remove;
api_handler reserved_names_list, reserved_names_add, reserved_names_remove;
api_handler package_owner_set; // PUT /v1/packages/{name}/owner
api_handler audit_list, audit_verify;
api_handler files_move; // POST /v1/files/move: between the database and the object store
api_handler
    problems_list; // GET /v1/problems: what an operator should look at, although answers are right
