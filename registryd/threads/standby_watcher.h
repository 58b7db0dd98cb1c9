// SPDX-License-Identifier: MIT
// The thread that watches the hot standby which answers reads: twice a second it looks whether the standby answers
// and how far its replay has come. So no request waits for a standby that is lost, and none asks one that lags.
#pragma once

#include "registryd/store/store.h"

struct standby_watcher;

// The store is borrowed until it stops. Owned. Fails with: NO_MEMORY, INTERNAL.
enum status standby_watcher_start(struct store *store, struct standby_watcher **ret_watcher,
                                  struct error *err);

// Waits for its current look to end. NULL is fine.
void standby_watcher_stop(struct standby_watcher *watcher);
