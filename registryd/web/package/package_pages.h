// SPDX-License-Identifier: MIT
// The page of a package and of one of its releases, and their tabs, as rows of the route table.
#pragma once

#include "registryd/request/api.h"

api_handler page_package; // GET /packages/{name}
api_handler page_release; // GET /packages/{name}/releases/{version}
