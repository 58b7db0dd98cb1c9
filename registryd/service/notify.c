// SPDX-License-Identifier: MIT
// The protocol of sd_notify(3), which needs no library. The socket is opened for each message: messages are rare,
// and an open descriptor would be one more thing that the private PostgreSQL's supervisor inherits.
//
// Debian's PostgreSQL speaks this protocol, too. Would it inherit the variable, the postmaster would report READY=1
// before registryd serves anything; hence they leave the environment before the first process starts.
#include "registryd/service/notify.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

enum { MESSAGE_BYTES = 1024 };

// "/run/systemd/notify", or "@name" for a name in the abstract namespace, whose first byte is NUL.
static void read_address(struct notify *notify, const char *name) {
    size_t len = strlen(name);
    bool is_known = *name == '/' || (*name == '@' && len > 1);
    if (!is_known || len >= sizeof notify->address.sun_path) {
        log_event(notify->log, LOG_LEVEL_WARNING, "event=notify-socket-unknown socket=\"%s\"",
                  name);
        return;
    }
    notify->address.sun_family = AF_UNIX;
    memcpy(notify->address.sun_path, name, len);
    if (*name == '@') {
        notify->address.sun_path[0] = '\0';
    }
    notify->address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

// A whole number without a sign, at most INT64_MAX. False: it is something else.
static bool parse_number(const char *text, int64_t *ret_number) {
    char *end;
    errno = 0;
    intmax_t number = is_digit(*text) ? strtoimax(text, &end, 10) : -1;
    if (number < 0 || errno || *end) {
        return false;
    }
    *ret_number = (int64_t)number;
    return true;
}

// The interval is meant for the process in WATCHDOG_PID alone, where that is set.
static void read_watchdog(struct notify *notify, const char *interval, const char *pid) {
    int64_t microseconds = 0;
    int64_t process = getpid();
    if (!parse_number(interval, &microseconds) || (pid && !parse_number(pid, &process))) {
        log_event(notify->log, LOG_LEVEL_WARNING,
                  "event=watchdog-unknown microseconds=\"%s\" process=\"%s\"", interval,
                  pid ? pid : "");
        return;
    }
    if (process == getpid()) {
        notify->watchdog_ms = microseconds / 1000;
    }
}

void notify_init(struct notify *notify, const struct log_sink *log) {
    static const char *const names[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"};
    const char *socket_name = getenv(names[0]);
    const char *interval = getenv(names[1]);
    *notify = (struct notify){.log = log};
    if (socket_name && *socket_name) {
        read_address(notify, socket_name);
    }
    if (notify->address_size && interval && *interval) {
        read_watchdog(notify, interval, getenv(names[2]));
    }
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        unsetenv(names[i]);
    }
}

void notify_send(const struct notify *notify, const char *format, ...) {
    if (!notify->address_size) {
        return;
    }
    char message[MESSAGE_BYTES];
    va_list values;
    va_start(values, format);
    int len = vsnprintf(message, sizeof message, format, values);
    va_end(values);
    if (len <= 0) {
        return;
    }
    size_t size = (size_t)len < sizeof message ? (size_t)len : sizeof message - 1;
    scoped(cleanup_fd) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || sendto(fd, message, size, MSG_NOSIGNAL, (const struct sockaddr *)&notify->address,
                         notify->address_size) < 0) {
        log_event(notify->log, LOG_LEVEL_WARNING, "event=notify-failed message=\"%s\" error=\"%s\"",
                  message, strerror(errno));
    }
}
