// SPDX-License-Identifier: MIT
// The older faces of the package index: a package as one JSON document, and XML-RPC. Handlers of the route table.
#pragma once

#include "registryd/request/api.h"

api_handler pypi_project; // GET /pypi/{name}/json
api_handler pypi_release; // GET /pypi/{name}/{version}/json
api_handler xmlrpc_call;  // POST /pypi, with or without its last slash
