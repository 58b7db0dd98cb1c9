// SPDX-License-Identifier: MIT
// The thread that keeps search up to date while nobody searches: once a second, when something has
// changed, so that many changes of one package cost one turn and publishing costs none. Whoever
// searches does the same first; nothing is lost when this thread cannot.
#pragma once

#include "registryd/index/index.h"

struct search_indexer;

// Both are borrowed until it stops. Owned. Fails with: NO_MEMORY, INTERNAL.
enum status search_indexer_start(struct store *store, struct index *index,
                                 struct search_indexer **ret_indexer, struct error *err);

// Waits for the turn it is in. NULL is fine.
void search_indexer_stop(struct search_indexer *indexer);
