// SPDX-License-Identifier: MIT
// What an import says about a release or a package besides its files. Each is a request that may be repeated, and is
// left out when the registry says so already; a refusal is an outcome.
#pragma once

#include "client/import/import_file.h"

// Publishes the document of a release without files. Fails with: NO_MEMORY, INTERNAL.
enum status import_change_document(struct importing *importing,
                                   const struct statement_package *package,
                                   const struct statement_release *release, struct error *err);

// Yanks the release. Fails with: NO_MEMORY, INTERNAL.
enum status import_change_yank(struct importing *importing, const struct statement_package *package,
                               const struct statement_release *release, struct error *err);

// Deprecates or archives the package. Fails with: NO_MEMORY, INTERNAL.
enum status import_change_status(struct importing *importing,
                                 const struct statement_package *package, struct error *err);
