// SPDX-License-Identifier: MIT
// Formatting of one log event into a bounded line. Control characters become '?', so that nothing a
// client sends can forge a second line.
#include "schema/base/log.h"

#include <stdarg.h>
#include <stdio.h>

static void hide_controls(char *line) {
    for (char *c = line; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            *c = '?';
        }
    }
}

void log_event(const struct log_sink *sink, enum log_level level, const char *format, ...) {
    if (!sink || !sink->write || level > sink->level) {
        return;
    }
    char line[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    hide_controls(line);
    sink->write(sink->context, level, line);
}

const char *log_level_name(enum log_level level) {
    static const char *const names[] = {"error", "warning", "info", "debug"};
    return (unsigned)level < sizeof names / sizeof *names ? names[level] : "unknown";
}
