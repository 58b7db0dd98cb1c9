// SPDX-License-Identifier: MIT
// What hosts get as packages with their versions, and what differs between two such lists: for previews. Lists of a
// hundred thousand packages are compared in one pass.
#pragma once

#include "registryd/resolver/selection.h"
#include "registryd/web/frame/page.h"

struct package_version {
    const char *package;
    const char *version;
};
struct package_versions {
    struct package_version *items; // by package, each once
    size_t count;
};

// The packages of these records. Texts are borrowed from the records; the list is in the arena. Fails with: NO_MEMORY.
enum status package_versions_of(struct arena *arena, const struct records *records,
                                struct package_versions *ret_list, struct error *err);

// What the environment answers now; `is_thawed`: what its rules would answer. From the kept answer. Arena.
// Fails with: as index_answer.
enum status package_versions_load(struct page_context *page, const char *environment,
                                  bool is_thawed, struct package_versions *ret_list,
                                  struct error *err);

// ---- what differs

struct version_change {
    const char *package;
    const char *before; // version; NULL: nothing
    const char *after;
};
enum { CHANGES_SHOWN = 100 };
struct version_changes {
    struct version_change items[CHANGES_SHOWN]; // the first of them, by package
    size_t count;                               // of items
    size_t added;
    size_t removed;
    size_t changed; // another version
};

void package_versions_compare(const struct package_versions *before,
                              const struct package_versions *after,
                              struct version_changes *ret_changes);

// ---- version_changes.c

// A table of them; `nothing` where there are none.
void version_changes_add(struct page_context *page, const struct version_changes *changes,
                         const char *nothing);
