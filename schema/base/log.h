// SPDX-License-Identifier: MIT
// The log sink: libraries never print, they call the sink they were given. One line an event,
// `key=value` pairs. The sink may be called from any thread.
#pragma once

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log_sink {
    // `line` is one event without its newline; borrowed for the call.
    void (*write)(void *context, enum log_level level, const char *line);
    void *context;        // handed to `write`; borrowed
    enum log_level level; // events above it are dropped before they are formatted
};

// Formats and hands on one event: `key=value` or `key="value"` pairs with a space between them, whose
// values are single conversions (%s, %c, whole numbers). Texts are escaped with backslashes, and get
// quotes where they need them. A NULL sink, or one without `write`, is silence.
void log_event(const struct log_sink *sink, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// "error", "warning", "info", "debug". Static.
const char *log_level_name(enum log_level level);
