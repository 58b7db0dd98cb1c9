// SPDX-License-Identifier: MIT
// Another package index as a source: its files come over one by one, with their hashes verified, and what is there is
// not downloaded again.
#pragma once

#include "client/import/import_file.h"

struct import_index_query {
    const char *url;         // of the index: "https://…/simple/", with or without its last slash
    const char *user;        // "USER:PASSWORD"; NULL: none
    struct strings packages; // names in any spelling
    bool is_all;             // every package that the index lists
    const char *state;       // file; NULL: nothing is remembered
    void (*tell)(void *context, const char *what, size_t total); // the next package
    void *context;
};

// importing->groups chooses files by their entry points. Packages that the index refuses are outcomes.
// Fails with: USAGE (address, names, state file), what the index's list fails with, IO, NO_MEMORY, INTERNAL.
enum status import_index_run(struct importing *importing, const struct import_index_query *query,
                             struct error *err);
