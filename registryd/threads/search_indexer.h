// SPDX-License-Identifier: MIT
// The thread that keeps search and the counts of groups up to date between searches: once a second, when
// something has changed, so that many changes of one package cost one turn and publishing costs none. A
// search does the same first, so nothing is missed when this thread cannot.
#pragma once

#include "registryd/index/index.h"

struct search_indexer;

// All three are borrowed until it stops. Owned. Fails with: NO_MEMORY, INTERNAL.
enum status search_indexer_start(struct store *store, struct index *index,
                                 const struct log_sink *log, struct search_indexer **ret_indexer,
                                 struct error *err);

// Waits for its current turn to end. NULL is fine.
void search_indexer_stop(struct search_indexer *indexer);
