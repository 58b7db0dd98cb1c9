// SPDX-License-Identifier: MIT
// "time=2026-01-31T12:00:00.123Z level=info event=ready …". No heap, no stdio, no locale.
#include "registryd/log_stderr.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 4096 };

static void write_line(void *context, enum log_level level, const char *line) {
    char text[LINE_BYTES];
    struct timespec now;
    struct tm utc;
    (void)context;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t len = strftime(text, sizeof text, "time=%Y-%m-%dT%H:%M:%S", &utc);
    int rest = snprintf(text + len, sizeof text - len, ".%03ldZ level=%s %s\n",
                        now.tv_nsec / 1000000, log_level_name(level), line);
    len += (size_t)rest;
    if (len >= sizeof text) {
        len = sizeof text - 1;
        text[len - 1] = '\n';
    }
    if (write(STDERR_FILENO, text, len) < 0) {
        return; // nobody left to tell
    }
}

struct log_sink log_stderr(enum log_level level) {
    return (struct log_sink){.write = write_line, .level = level};
}
