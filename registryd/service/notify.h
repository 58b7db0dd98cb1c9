// SPDX-License-Identifier: MIT
// What registryd reports to the supervisor of services that started it (systemd, Type=notify): plain datagrams
// to the socket in NOTIFY_SOCKET, lines of NAME=VALUE. Without that variable every call does nothing.
#pragma once

#include "schema/base/log.h"

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
    struct sockaddr_un address;
    socklen_t address_size;     // 0 = no supervisor listens
    int64_t watchdog_ms;        // it wants a sign of life at least this often; 0 = it does not
    const struct log_sink *log; // borrowed
};

// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and removes them from the environment, so that the
// processes that registryd starts do not report in its place. Call it before any thread exists. What cannot
// be used is logged and ignored.
void notify_init(struct notify *notify, const struct log_sink *log);

// Sends these lines, for example "READY=1\nSTATUS=Serving". A supervisor that is gone does not matter. Any thread.
void notify_send(const struct notify *notify, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
