// SPDX-License-Identifier: MIT
// Moments on pages. People ask how long ago something was, and sometimes exactly when: the first is the text, the
// second the title and the datetime attribute, which is also printed on paper. A page is made for each request, so
// the server's clock is the reader's now. All moments are UTC, which the footer says once.
#include "registryd/web/frame/moment.h"
#include "schema/base/list.h"
#include "schema/base/utc.h"

#include <stdio.h>
#include <time.h>

enum { MINUTE_LENGTH = 16, SECOND_LENGTH = 19, WORDS_SIZE = 64 };

enum {
    SECOND_MS = 1000,
    MINUTE_S = 60,
    HOUR_S = 60 * MINUTE_S,
    DAY_S = 24 * HOUR_S,
    MONTH_S = 30 * DAY_S,
    YEAR_S = 365 * DAY_S
};

// The largest unit that fits at least once. A month is 30 days here: the title has the date.
void page_time_words(int64_t at_ms, int64_t now_ms, char *ret_words, size_t size) {
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{YEAR_S, "year"},
                 {MONTH_S, "month"},
                 {DAY_S, "day"},
                 {HOUR_S, "hour"},
                 {MINUTE_S, "minute"}};
    bool is_ahead = at_ms > now_ms;
    int64_t seconds = (is_ahead ? at_ms - now_ms : now_ms - at_ms) / SECOND_MS;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        int64_t count = seconds / units[i].seconds;
        if (count) {
            snprintf(ret_words, size, "%s%lld %s%s%s", is_ahead ? "in " : "", (long long)count,
                     units[i].name, count == 1 ? "" : "s", is_ahead ? "" : " ago");
            return;
        }
    }
    snprintf(ret_words, size, "%s", is_ahead ? "in less than a minute" : "just now");
}

// "2026-05-01T12:34:56Z" cut to a length, with a space for the "T".
static void copy_moment(const char *at, size_t length, char ret_text[WORDS_SIZE]) {
    size_t len = strnlen(at, length);
    memcpy(ret_text, at, len);
    ret_text[len] = '\0';
    if (len > 10) {
        ret_text[10] = ' ';
    }
}

// Fractions of a second, which some rows of the store have, are no part of what utc_parse reads.
static bool parse_moment(const char *at, int64_t *ret_ms) {
    struct text text = text_from(at);
    char whole[UTC_SIZE];
    if (text.len > SECOND_LENGTH && text.ptr[SECOND_LENGTH] == '.') {
        snprintf(whole, sizeof whole, "%.*sZ", (int)SECOND_LENGTH, at);
        text = text_from(whole);
    }
    return utc_parse(text, ret_ms);
}

static void add_time(struct html *html, const char *at, const char *title, const char *text) {
    html_open(html, "time");
    html_attribute(html, "datetime", at);
    html_attribute(html, "title", title);
    html_text(html, text);
    html_close(html);
}

// What is no moment is shown as it is.
static void add_moment(struct html *html, const char *at, bool may_be_relative) {
    char exact[WORDS_SIZE];
    char minute[WORDS_SIZE];
    char words[WORDS_SIZE];
    int64_t at_ms = 0;
    int64_t now_ms = (int64_t)time(NULL) * SECOND_MS;
    if (!at) {
        html_text(html, "–");
        return;
    }
    copy_moment(at, MINUTE_LENGTH, minute);
    if (!parse_moment(at, &at_ms)) {
        add_time(html, at, NULL, minute);
        return;
    }
    copy_moment(at, SECOND_LENGTH, exact);
    page_time_words(at_ms, now_ms, words, sizeof words);
    bool is_relative = may_be_relative && at_ms <= now_ms + (int64_t)MINUTE_S * SECOND_MS;
    add_time(html, at, is_relative ? exact : words,
             !is_relative     ? minute
             : at_ms > now_ms ? "just now" // the clock of the database may be a little ahead
                              : words);
}

void page_time(struct html *html, const char *at) {
    add_moment(html, at, true);
}

void page_moment(struct html *html, const char *at) {
    add_moment(html, at, false);
}
