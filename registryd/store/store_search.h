// SPDX-License-Identifier: MIT
// The part of the store that finds packages: by words, by what they are narrowed to, or by name.
// Everything store.h says of its calls holds here.
#pragma once

#include "registryd/store/store.h"

// Everything asked for must hold; what is left out asks for nothing.
struct package_query {
    const char *words;         // as a person types them, mistakes included; NULL or blank = none
    const struct text *groups; // in which the newest release has entry points
    size_t group_count;
    const struct text *classifiers; // of the newest release
    size_t classifier_count;
    const char *status;       // of the package; NULL = any
    const struct text *names; // NULL = any, else only these
    size_t name_count;
    struct page page; // `after` is struct package_rows' place of the page before
};

struct package_rows {
    struct package_row *items; // the best first when there are words, else by name
    size_t count;
    bool more;
    int64_t total;         // of all pages; of an empty page 0
    const char *corrected; // the words that were meant, when some are not known; else NULL
    const char *place;     // of the last item: where the next page begins; NULL without items
};

// Lets search follow the list of changes by a few hundred of them; *ret_behind says whether more are
// left. Publishing leaves that to others: whoever searches does it first, and registryd once a second.
enum status store_packages_follow(struct store *store, bool *ret_behind, struct error *err);

// First follows the changes, so that what was published before is found (after a great many at once:
// soon). A row is of the package's newest release: the newest final one that is not yanked, else the newest not
// yanked, else the newest. Fails with: USAGE (the page's place is none of this kind of list).
enum status store_packages_load(struct store *store, struct arena *arena,
                                const struct package_query *query, struct package_rows *ret_rows,
                                struct error *err);
