// SPDX-License-Identifier: MIT
// The releases of a selection with their files: what requirements, exports and locks list. Of a frozen
// environment they are those of the lock, and files that came later are not among them. Any thread.
#pragma once

#include "registryd/resolver/lock.h"

struct selected_releases {
    struct locked_release *items; // by package
    size_t count;
};

// Each release of the records once. Without `with_shadowed`, only those that a host loads anything from. All
// files of a release are listed, those first that are wheels, but for files that ask for another Python or other
// packages than the host has. Arena; of a lock borrowed from it.
// Fails as the store.
struct selected_files_query {
    const struct selection *selection;
    bool with_shadowed;
};
enum status selected_files_load(struct store *store, struct arena *arena,
                                const struct selected_files_query *query,
                                struct selected_releases *ret_releases, struct error *err);

// Whether the host that was selected for can install the file.
bool selected_file_fits(const struct selection *selection, const struct locked_file *file);

// How many files of the release fit.
size_t selected_files_fitting(const struct selection *selection,
                              const struct locked_release *release);
