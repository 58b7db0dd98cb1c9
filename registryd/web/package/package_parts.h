// SPDX-License-Identifier: MIT
// The sections of a package's page, each from what its release document or the store says.
#pragma once

#include "registryd/web/frame/page.h"
#include "schema/release/release.h"

// Which package, which of its releases, and that release's document.
struct package_view {
    const struct package_detail *detail;
    const struct release_row *shown;
    const struct release *release; // decoded document
    struct artifact_rows files;    // of the shown release
};

// package_install.c: commands to copy.
void package_add_install(struct page_context *page, const struct package_view *view);

// package_release.c: entry points, manifests, requirements, people and links.
void package_add_entry_points(struct page_context *page, const struct package_view *view);
void package_add_manifests(struct page_context *page, const struct package_view *view);
void package_add_requirements(struct page_context *page, const struct package_view *view);
void package_add_facts(struct page_context *page, const struct package_view *view,
                       const char *owner);

// The files of the release, to download. Tools find them by their links: pip install -f ADDRESS-OF-THE-PAGE.
void package_add_files(struct page_context *page, const struct package_view *view);

// package_fit.c: which release runs on which Python, and beside which host version an environment
// has. Fails with: UNAVAILABLE, NO_MEMORY.
enum status package_add_matrix(struct page_context *page, const struct package_view *view,
                               struct error *err);

// package_fit.c, too: which release the environment gets, and why each other is
// excluded. Fails with: as index_select.
enum status package_add_standing(struct page_context *page, const struct package_view *view,
                                 struct error *err);
