// SPDX-License-Identifier: MIT
// What plugins contribute to their host, as sections of a page: of an environment or of a group.
#pragma once

#include "registryd/web/frame/page.h"

#include <jansson.h>

// The merged contributions for the query, as a JSON object, from the kept answer. Owned.
// Fails with: as index_answer.
enum status contributions_part_load(struct page_context *page, const struct resolve_query *query,
                                    json_t **ret_document, struct error *err);

// The sections: conflicts first, then each kind that has items. `words` (NULL: all) is searched for in names and
// plugins. Without any item a paragraph says so.
void contributions_part_add(struct page_context *page, const json_t *document, const char *words);

// How many conflicts the document has.
size_t contributions_part_conflicts(const json_t *document);
