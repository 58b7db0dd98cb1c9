// SPDX-License-Identifier: MIT
// One package of an export.
#pragma once

#include "client/mirror/exporting.h"
#include "client/mirror/statement.h"

// Brings the package up to date. Fails with: what export_run fails with.
enum status export_package(struct exporting *exporting, const struct statement_entry *entry,
                           struct error *err);
