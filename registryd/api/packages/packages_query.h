// SPDX-License-Identifier: MIT
// What a list of packages is asked for: words, and what it is narrowed to. The same parameters for
// GET /v1/packages and for the page of packages.
#pragma once

#include "registryd/request/query.h"
#include "registryd/store/store_search.h"

enum { PACKAGES_QUERY_RULES = 12 };
// q, group*, classifier*, status, license, python, owner, environment, order, facets, limit, cursor.
extern const struct query_rule packages_query_rules[PACKAGES_QUERY_RULES];

// Reads them; everything lives in the request's arena or is the request's own. An environment is asked of
// the index: which packages it gets a release of.
// Fails with: USAGE, INVALID (no group name, no status), NOT_FOUND (no such environment), and as
// index_answer.
enum status packages_query_decode(struct api *api, const struct request *request,
                                  struct package_query *ret_query, struct error *err);
