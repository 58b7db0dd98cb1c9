// SPDX-License-Identifier: MIT
// The sign of life for the supervisor of services: WATCHDOG=1, sent only as long as registryd's own port answers. When
// connections are no longer accepted or served, the signs stop, and systemd restarts registryd.
#pragma once

#include "registryd/service/notify.h"

#include "schema/base/error.h"

#include <netinet/in.h>

struct watchdog;

// Starts the thread. Without a wish for signs of life there is none, and *ret_watchdog is NULL. Owned; `notify` is
// borrowed. Fails with: NO_MEMORY, INTERNAL.
enum status watchdog_start(const struct notify *notify, const struct sockaddr_in *port,
                           struct watchdog **ret_watchdog, struct error *err);

// Ends the thread at once, also when the port is silent. NULL is fine.
void watchdog_stop(struct watchdog *watchdog);
