// SPDX-License-Identifier: MIT
// What the settings of the database must agree on, looked at before anything is done.
#pragma once

#include "registryd/config/config.h"
#include "schema/base/error.h"

// *ret_accepted_history is the number of the epoch that may be given up, 0 without one.
// Fails with: USAGE.
enum status database_settings_check(const struct config *config, int64_t *ret_accepted_history,
                                    struct error *err);
