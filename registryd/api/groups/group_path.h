// SPDX-License-Identifier: MIT
// The group of an address.
#pragma once

#include "registryd/request/api.h"

// A group that cannot be named is 404, not 422: no such address exists. Borrowed. Fails with: NOT_FOUND.
enum status group_path_read(const struct request *request, const char **ret_group,
                            struct error *err);
