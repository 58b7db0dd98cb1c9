// SPDX-License-Identifier: MIT
// The rules of a release without publishing it.
#pragma once

#include "registryd/request/api.h"

// POST /v1/check
api_handler check_document;
