// SPDX-License-Identifier: MIT
// /v1/tokens: making, listing and revoking tokens; /v1/token: the one that asks. The text of a token is
// answered once, when it is made, and never again.
#pragma once

#include "registryd/request/api.h"

api_handler tokens_list, tokens_add, tokens_show, tokens_revoke, tokens_revoke_leaked,
    tokens_show_own;
