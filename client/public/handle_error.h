// SPDX-License-Identifier: MIT
// The error of the public header, made from ours.
#pragma once

#include "client/include/registryclient.h"
#include "schema/base/error.h"

// Fills the public error (which may be NULL). Returns the status, as the public calls do.
int handle_error(struct registry_error *ret_err, enum status status, const struct error *err);
