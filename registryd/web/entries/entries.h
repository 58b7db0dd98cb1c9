// SPDX-License-Identifier: MIT
// Single entry points on the pages: finding them by what they are, what owners decided about each, and what their
// packages require of the host.
#pragma once

#include "registryd/store/entries/store_entries.h"
#include "registryd/web/frame/page.h"
#include "schema/record.h"

api_handler page_entry_points; // GET /entry-points

// The link from a search of packages to that of entry points. `words` of the search, NULL = none, become its module or
// its value when they look like one, else its name. `is_missed`: no package was found.
void entries_link_add(struct page_context *page, const char *words, bool is_missed);

// ---- entry_states_part.c

// As many as a page shows; the limit of the query is set here. Arena. Fails with: as the store.
enum status entries_states_load(struct page_context *page, const struct entry_states_query *query,
                                struct entry_states *ret_states, struct error *err);

// Two sections, deprecated entry points and aliases; nothing where there are none. `is_of_group`: of one group, with
// a column for the package; else of one package, with a column for the group.
void entries_states_add(struct page_context *page, const struct entry_states *states,
                        bool is_of_group);

// " Use SUCCESSOR instead.", linked to its package; nothing when it is NULL.
void entries_successor_add(struct page_context *page, const char *successor);

// ---- host_ranges.c

// What the records of a group require of its host. The host is the distribution that the group is named after
// ("mountaineer" of "mountaineer.plugins"), and what the environment says its hosts have. Arena.
// Fails with: as the store.
enum status host_ranges_load(struct page_context *page, const char *environment,
                             const struct records *records,
                             struct host_requirements *ret_requirements, struct error *err);

// A cell with those of a package.
void host_ranges_add(struct page_context *page, const struct host_requirements *requirements,
                     const char *package);
