// SPDX-License-Identifier: MIT
// Who may have a name: /v1/reserved-names, and the owner of a package.
#pragma once

#include "registryd/request/api.h"

api_handler reserved_names_list, reserved_names_add, reserved_names_remove;
// PUT /v1/packages/{name}/owner
api_handler package_owner_set;
