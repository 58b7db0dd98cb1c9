// SPDX-License-Identifier: MIT
// What the registry already has of a package, so that an import that is run again sends nothing twice. Asked once for
// each package, in the order of the import.
#pragma once

#include "client/remote/api_call.h"
#include "client/mirror/statement.h"

// Starts zeroed; end with import_known_done.
struct import_known {
    struct arena *arena; // owned; of one package
    json_t *json;        // owned; the statement; NULL: nothing is known
    struct statement_package package;
    const char *name; // that was asked for
};

void import_known_done(struct import_known *known);

// Asks for a package (normalised), unless it was the one asked for last. What cannot be had is not known, which costs
// an upload and no more. Fails with: NO_MEMORY.
enum status import_known_load(struct import_known *known, const struct api_call *call,
                              const char *package, struct error *err);

// Whether the registry has this file with these bytes.
bool import_known_has(const struct import_known *known, const char *filename, const char *sha256);

// The release; NULL: not known.
const struct statement_release *import_known_release(const struct import_known *known,
                                                     const char *version);
