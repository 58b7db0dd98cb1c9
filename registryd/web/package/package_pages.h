// SPDX-License-Identifier: MIT
// The page of a package and of one of its releases, and their tabs, as rows of the route table.
#pragma once

#include "registryd/request/api.h"

api_handler page_package;     // GET /packages/{name}
api_handler page_package_tab; // GET /packages/{name}/{tab}
api_handler page_release;     // GET /packages/{name}/releases/{version}
api_handler page_release_tab; // GET /packages/{name}/releases/{version}/{tab}
