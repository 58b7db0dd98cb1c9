// SPDX-License-Identifier: MIT
// The part of the store that finds packages: by words, by what they are narrowed to, or by name.
// Everything store.h says of its calls holds here.
#pragma once

#include "registryd/store/store.h"

enum package_order { PACKAGES_BY_RELEVANCE, PACKAGES_BY_NEWEST, PACKAGES_BY_NAME };

// Everything asked for must hold; what is left out asks for nothing.
struct package_query {
    const char *words;         // as a person types them, mistakes included; NULL or blank = none
    const struct text *groups; // in which the newest release has entry points
    size_t group_count;
    const struct text *classifiers; // of the newest release
    size_t classifier_count;
    const char *status;  // of the package; NULL = any
    const char *license; // SPDX expression of the newest release; NULL = any, as below
    const char *python;  // "3.11": the newest release takes one of its releases
    const char *owner;   // a team
    enum package_order order;
    const char *names; // a line each; NULL = any, else only these
    struct page page;  // `after` is struct package_rows' place of the page before
};

struct package_rows {
    struct package_row
        *items; // in the order asked for; by relevance is by name when there are no words
    size_t count;
    bool more;
    int64_t
        total; // of all pages; with several filters at most PACKAGES_COUNTED; of an empty page 0
    const char *corrected; // the words that were meant, when some are not known; else NULL
    const char *place;     // of the last item: where the next page begins; NULL without items
};

// Lets search, and the counts of groups, follow the list of changes by a few hundred of them; *ret_behind
// says whether more are left. Publishing does not do that: a search does it first, and registryd once
// a second. A package that cannot be indexed is set apart (search_problem) and the rest goes on; after three
// failures in a row, so is one that takes longer than the timeout.
enum status store_packages_follow(struct store *store, bool *ret_behind, struct error *err);

// As above, several times when needed; without failing, since a registry that cannot write (a standby) or is
// busy is searched as it stands.
void store_search_catch_up(struct store *store);

// How far search has followed the changes, as far as this daemon knows; asks nothing of the database.
struct search_state {
    int64_t reached;  // serial of the last change followed
    int64_t problems; // packages set apart
    bool is_behind;   // not set here
};
void store_search_state(struct store *store, struct search_state *ret_state);
// How many changes up to `serial` search has not followed yet; 0 while this daemon does not know.
int64_t store_search_lag(struct store *store, int64_t serial);

// A package that search could not index: listed, and found by its name only, until it changes.
struct search_problem {
    const char *package;
    const char *error; // what PostgreSQL said
    const char *since;
};
struct search_problems {
    struct search_problem *items; // by package
    size_t count;
    bool more;
};
enum status store_search_problems_load(struct store *store, struct arena *arena,
                                       const struct page *page, struct search_problems *ret_rows,
                                       struct error *err);

enum { PACKAGES_COUNTED = 10000 };

// What a list can be narrowed by.
struct facet_row {
    const char *facet; // its kind and a colon, and the value: "g:crm.plugins"; see facet_kinds
    int64_t packages;  // that have it, of those in the list
    bool is_part;      // counted in a part of the list: there may be more
};
struct facet_rows {
    struct facet_row *items; // by kind; of each the ones with most packages first
    size_t count;
};

struct facet_kind {
    char letter;
    const char *parameter; // of lists of packages
    const char *title;
};
enum { FACET_KINDS = 6 };
extern const struct facet_kind facet_kinds[FACET_KINDS];

// The facets of all packages that the query finds, so many of each kind. Looks at what store_packages_load finds,
// which has followed the changes.
enum status store_facets_load(struct store *store, struct arena *arena,
                              const struct package_query *query, struct facet_rows *ret_rows,
                              struct error *err);

// First follows the changes, so that what was published before is found (after a great many at once:
// soon). A row is of the package's newest release: the newest final one that is not yanked, else the newest not
// yanked, else the newest. Fails with: USAGE (the page's place is none of this kind of list).
enum status store_packages_load(struct store *store, struct arena *arena,
                                const struct package_query *query, struct package_rows *ret_rows,
                                struct error *err);
