// SPDX-License-Identifier: MIT
// Formatting of one log event into a bounded line. Control characters become '?' and quotes are
// escaped, so that nothing a client sends can forge a second line or a second value.
//
//     log_event(sink, LOG_LEVEL_INFO, "event=token-created name=%s actor=\"%s\"", "a b", "x\"y");
//     event=token-created name="a b" actor="x\"y"
//
#include "schema/base/log.h"

#include "schema/base/list.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct line {
    char *at;
    char *end; // of the room, without the NUL
};

static void add_char(struct line *line, char c) {
    if (line->at < line->end) {
        *line->at++ = (unsigned char)c < 0x20 || c == 0x7f ? '?' : c;
    }
}

static bool is_plain(const char *value) {
    for (const char *c = value; *c; c++) {
        if (*c <= ' ' || strchr("\"\\=", *c)) {
            return false;
        }
    }
    return *value;
}

static void add_escaped(struct line *line, const char *value) {
    for (const char *c = value; *c; c++) {
        if (*c == '"' || *c == '\\') {
            add_char(line, '\\');
        }
        add_char(line, *c);
    }
}

// A text as a value: one that stands in quotes is escaped, one that does not gets quotes when it needs
// them. So a value ends where it seems to, whatever is in it.
static void add_text(struct line *line, const char *value, bool is_quoted) {
    bool needs_quotes = !is_quoted && !is_plain(value);
    if (needs_quotes) {
        add_char(line, '"');
    }
    add_escaped(line, value);
    if (needs_quotes) {
        add_char(line, '"');
    }
}

// The conversions that events use: %s, %c, and whole numbers of every length.
static void add_number(struct line *line, const char *spec, va_list *args) {
    char text[32] = "";
    char last = spec[strlen(spec) - 1];
    if (last == 'c') {
        snprintf(text, sizeof text, "%c", va_arg(*args, int));
    } else if (strchr(spec, 'z')) {
        snprintf(text, sizeof text, "%zu", va_arg(*args, size_t));
    } else if (strstr(spec, "ll")) {
        bool is_signed = last == 'd' || last == 'i';
        long long number = va_arg(*args, long long);
        snprintf(text, sizeof text, is_signed ? "%lld" : "%llu", number);
    } else if (strchr(spec, 'l')) {
        bool is_signed = last == 'd' || last == 'i';
        long number = va_arg(*args, long);
        snprintf(text, sizeof text, is_signed ? "%ld" : "%lu", number);
    } else if (last == 'd' || last == 'i') {
        snprintf(text, sizeof text, "%d", va_arg(*args, int));
    } else {
        snprintf(text, sizeof text, last == 'x' ? "%x" : "%u", va_arg(*args, unsigned));
    }
    for (const char *c = text; *c; c++) {
        add_char(line, *c);
    }
}
// One conversion at `format`, which stands behind its '%'; what follows it.
static const char *add_conversion(struct line *line, const char *format, bool is_quoted,
                                  va_list *args) {
    char spec[8] = "";
    size_t len = strcspn(format, "sdiuxc%") + 1;
    // A conversion that is not known ends the line: its argument could not be skipped.
    if (len >= sizeof spec || !format[len - 1]) {
        return format + strlen(format);
    }
    memcpy(spec, format, len);
    if (spec[len - 1] == '%') {
        add_char(line, '%');
    } else if (spec[len - 1] == 's') {
        const char *value = va_arg(*args, const char *);
        add_text(line, value ? value : "", is_quoted);
    } else {
        add_number(line, spec, args);
    }
    return format + len;
}

void log_event(const struct log_sink *sink, enum log_level level, const char *format, ...) {
    if (!sink || !sink->write || level > sink->level) {
        return;
    }
    // On the stack: an event about a lack of memory must be possible. A longer one is cut.
    char text[2048];
    struct line line = {text, text + sizeof text - 1};
    bool is_quoted = false;
    va_list args;
    va_start(args, format);
    while (*format) {
        char c = *format++;
        if (c == '%') {
            format = add_conversion(&line, format, is_quoted, &args);
        } else {
            is_quoted ^= c == '"';
            add_char(&line, c);
        }
    }
    va_end(args);
    *line.at = '\0';
    sink->write(sink->context, level, text);
}

const char *log_level_name(enum log_level level) {
    static const char *const names[] = {"error", "warning", "info", "debug"};
    return (unsigned)level < COUNT_OF(names) ? names[level] : "unknown";
}
