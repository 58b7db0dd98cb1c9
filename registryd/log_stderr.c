// SPDX-License-Identifier: MIT
// "time=2026-01-31T12:00:00.123Z level=info event=ready …", or the same as a JSON object. No heap, no
// stdio, no locale. The last place a token could pass on its way into a log: it does not.
#include "registryd/log_stderr.h"

#include "schema/base/text.h"
#include "schema/base/token_hide.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 4096 };

struct page {
    char text[LINE_BYTES];
    size_t len; // bytes so far
};

// Leaves room for the end of the line.
static void add(struct page *page, const char *bytes, size_t len) {
    size_t room = sizeof page->text - 8 - page->len;
    size_t taken = len < room ? len : room;
    memcpy(page->text + page->len, bytes, taken);
    page->len += taken;
}

static void add_string(struct page *page, const char *string) {
    add(page, string, strlen(string));
}

static void write_time(char text[64]) {
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t len = strftime(text, 64, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + len, 64 - len, ".%03ldZ", now.tv_nsec / 1000000);
}

// One write for the whole line, so that lines of several threads do not mix. Tokens are hidden here, last of all,
// whatever has put them into the line.
static void send_page(struct page *page, const char *end) {
    size_t len = strlen(end);
    memcpy(page->text + page->len, end, len + 1);
    page->len += len;
    token_hide(page->text);
    if (write(STDERR_FILENO, page->text, page->len) < 0) {
        return; // standard error is closed
    }
}

static void write_text(void *context, enum log_level level, const char *line) {
    struct page page = {.len = 0};
    char now[64];
    (void)context;
    write_time(now);
    add_string(&page, "time=");
    add_string(&page, now);
    add_string(&page, " level=");
    add_string(&page, log_level_name(level));
    add_string(&page, " ");
    add_string(&page, line);
    send_page(&page, "\n");
}

// The value that begins at `line`, without its quotes; what follows it. Escapes are JSON's as well.
static const char *split_value(const char *line, struct text *ret_value) {
    if (*line != '"') {
        size_t len = strcspn(line, " ");
        *ret_value = (struct text){line, len};
        return line + len;
    }
    const char *end = ++line;
    while (*end && *end != '"') {
        end += end[0] == '\\' && end[1] ? 2 : 1;
    }
    *ret_value = (struct text){line, (size_t)(end - line)};
    return *end ? end + 1 : end;
}

// A line that was cut may end in the middle of an escape or of a character.
static void add_json_text(struct page *page, struct text value) {
    bool ends_in_escape = false;
    for (size_t i = 0; i < value.len; i++) {
        ends_in_escape = value.ptr[i] == '\\' && !ends_in_escape;
    }
    value.len -= ends_in_escape;
    add_string(page, "\"");
    if (utf8_is_valid(value.ptr, value.len)) {
        add(page, value.ptr, value.len);
    } else {
        for (size_t i = 0; i < value.len; i++) {
            add(page, value.ptr[i] & 0x80 ? "?" : value.ptr + i, 1);
        }
    }
    add_string(page, "\"");
}

static void write_json(void *context, enum log_level level, const char *line) {
    struct page page = {.len = 0};
    char now[64];
    (void)context;
    write_time(now);
    add_string(&page, "{\"time\":\"");
    add_string(&page, now);
    add_string(&page, "\",\"level\":\"");
    add_string(&page, log_level_name(level));
    add_string(&page, "\"");
    while (*line) {
        struct text key = {line, strcspn(line, "= ")};
        struct text value = {"", 0};
        line += key.len;
        line = *line == '=' ? split_value(line + 1, &value) : line;
        line += *line == ' ';
        if (page.len + key.len + value.len + 16 > sizeof page.text) {
            break; // whole members only
        }
        add_string(&page, ",");
        add_json_text(&page, key);
        add_string(&page, ":");
        add_json_text(&page, value);
    }
    send_page(&page, "}\n");
}

struct log_sink log_stderr(enum log_level level, bool is_json) {
    return (struct log_sink){.write = is_json ? write_json : write_text, .level = level};
}
