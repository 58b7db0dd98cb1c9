// SPDX-License-Identifier: MIT
// The upload address of package tools: twine, flit, hatch, poetry and uv. Handlers of the route table.
#pragma once

#include "registryd/request/api.h"

api_handler legacy_upload; // POST /legacy/, with or without its last slash
api_handler
    legacy_admit; // before its body is read: the pace, and whether the token may publish anything
