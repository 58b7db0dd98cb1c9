// SPDX-License-Identifier: MIT
// An export (mirror_tree.h) read into another registry: releases and files as they were, with their times where the
// token may give them, then yanks, then the statuses of packages. Nothing of the tree is believed that a hash does not
// prove, and with a key nothing that the key did not sign.
#pragma once

#include "client/import/import_file.h"

struct import_tree_query {
    const char *folder;
    const uint8_t *
        public_key; // of the registry's statements, or of the manifest; NULL: signatures are not looked at
    void (*tell)(void *context, const char *package, size_t total); // the next package
    void *context;
};

// Whether the folder is an export.
bool import_tree_is(struct arena *arena, const char *folder);

// Fails with: FORBIDDEN (not signed by the key), MALFORMED (the export is damaged where it cannot be skipped), IO,
// NO_MEMORY, INTERNAL. What a file or a package is refused for is an outcome.
enum status import_tree_run(struct importing *importing, const struct import_tree_query *query,
                            struct error *err);
