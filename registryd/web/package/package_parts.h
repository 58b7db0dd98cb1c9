// SPDX-License-Identifier: MIT
// The page of a package is a head, which is always the same, and one tab. Each tab is an address of its own, so it
// works without a script and can be sent to a colleague. Every part writes what its release document, the store
// or the index says, and nothing else.
#pragma once

#include "registryd/request/query.h"
#include "registryd/store/store_candidates.h"
#include "registryd/web/frame/page.h"
#include "schema/release/release.h"

// Which package, which of its releases, and that release's document.
struct package_view {
    const struct package_detail *detail;
    const struct release_row *shown;
    const struct release *release; // decoded document
    struct artifact_rows files;    // of the shown release
    struct hold_rows holds;
    const char *owner;  // a team; NULL = none
    bool is_of_package; // the address names no release: the latest one is shown
};

// ---- package_tabs.c

// A tab writes its content, below the head.
typedef enum status package_tab_adder(struct page_context *page, const struct package_view *view,
                                      struct error *err);

struct package_tab {
    const char *path; // the last segment of its address; "" is the page itself
    const char *title;
    package_tab_adder *add;
    const struct query_rule *rules; // the parameters of its address
    size_t rule_count;
    bool is_of_package; // it is about all releases, so its address names none
};

// The tab of this path; NULL when there is none.
const struct package_tab *package_tab_find(const char *path);

// The row of tabs.
void package_tabs_add(struct page_context *page, const struct package_view *view,
                      const struct package_tab *current);

// The address of a tab; of another release when `version` is given, else of the one in the address. Arena.
const char *package_tab_address(struct page_context *page, const struct package_view *view,
                                const struct package_tab *tab, const char *version);

// ---- package_head.c

// Title, versions, summary, banners, badges and the command that installs it.
void package_head_add(struct page_context *page, const struct package_view *view,
                      const struct package_tab *current);

// ---- package_install.c

// The one command most visitors copy; nothing when the release cannot be installed from here.
void package_add_install(struct page_context *page, const struct package_view *view);

// ---- package_release.c: what one release gives

void package_add_facts(struct page_context *page, const struct package_view *view);
// The files to download. Tools find them by their links: pip install -f ADDRESS-OF-THE-PAGE.
void package_add_file_list(struct page_context *page, const struct package_view *view);
// With what its owner decided about them, and their manifests. Fails with: UNAVAILABLE, NO_MEMORY.
package_tab_adder package_add_entry_points;
package_tab_adder package_add_files; // with sizes, tags and digests

// ---- the other tabs

// package_requirements.c. Fails with: UNAVAILABLE, NO_MEMORY.
package_tab_adder package_add_requirements;
// package_versions.c: all releases, and the comparison of two (?from=&to=). Fails with: NOT_FOUND, UNAVAILABLE, NO_MEMORY.
package_tab_adder package_add_versions;
// package_compare.c: what differs between two releases. Fails with: as package_add_versions.
enum status package_add_comparison(struct page_context *page, const struct package_view *view,
                                   const char *from, const char *to, struct error *err);
// package_fit.c: which release runs on which Python, and beside which host version an environment has.
// Fails with: UNAVAILABLE, NO_MEMORY.
package_tab_adder package_add_matrix;
// package_standing.c: which release the environment (?environment=) gets, and why each other is excluded.
// Fails with: as index_select.
package_tab_adder package_add_standing;
// package_activity.c: its last changes. Fails with: UNAVAILABLE, NO_MEMORY.
package_tab_adder package_add_activity;
// package_changing.c: yank, status, hold.
package_tab_adder package_add_changing;

// package_viewer.c: what is in a file of the release (?file=), and one of its text files (?path=).
// Fails with: NOT_FOUND, FORBIDDEN (quarantined), UNAVAILABLE, NO_MEMORY.
enum status package_add_viewed(struct page_context *page, const struct package_view *view,
                               const char *filename, struct error *err);
// A link to what is in this file.
void package_add_browse_link(struct page_context *page, const struct package_view *view,
                             const struct artifact_row *row);

// "12.3 KiB". Arena.
const char *package_size(struct arena *arena, int64_t bytes);

// A release of the package by its normalised version; NULL when there is none.
const struct release_row *package_find_release(const struct package_detail *detail,
                                               const char *version);
