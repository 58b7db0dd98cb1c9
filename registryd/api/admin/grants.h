// SPDX-License-Identifier: MIT
// /v1/grants: what teams may do. A grant is a team, a scope and an object.
#pragma once

#include "registryd/request/api.h"

api_handler grants_list, grants_add, grants_remove;
