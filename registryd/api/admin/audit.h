// SPDX-License-Identifier: MIT
// GET /v1/audit: what was done, by whom; GET /v1/audit/verification: whether the record is whole.
#pragma once

#include "registryd/request/api.h"

api_handler audit_list, audit_verify;
