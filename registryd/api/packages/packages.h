// SPDX-License-Identifier: MIT
// What is published: the list of packages, and one package with its releases.
#pragma once

#include "registryd/request/api.h"

// GET /v1/packages
api_handler packages_list;
// GET /v1/packages/{name}
api_handler packages_show;
