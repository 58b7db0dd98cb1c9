// SPDX-License-Identifier: MIT
// Finding entry points, for the JSON route and for the page. Both take the same parameters, so an address of one can be
// copied to the other.
#pragma once

#include "registryd/request/query.h"
#include "registryd/store/entries/store_entries.h"

enum { FIND_RULES = 7 };
extern const struct query_rule find_rules[FIND_RULES];

// A part of what was found.
struct find_page {
    struct found_entries found;
    bool more;        // there are more behind it
    const char *last; // where it ends, for a cursor; "" when nothing was found
};

// Whether the request asks for anything: a module, a value, a package, a name or a group.
bool find_is_asked(const struct request *request);

// Finds what the request asks for. Its parameters were checked by query_begin. Arena of the request.
// Fails with: USAGE (nothing is asked for, a wrong cursor), INVALID (the package is no name), UNAVAILABLE, NO_MEMORY.
enum status find_load(struct store *store, const struct request *request,
                      struct find_page *ret_page, struct error *err);
