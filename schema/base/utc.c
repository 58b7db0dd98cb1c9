// SPDX-License-Identifier: MIT
// The calendar by itself: timegm and strptime accept the 31st of February, and differ between C libraries.
// Days are counted from the first of March, so that the leap day is the last of its year.
#include "schema/base/utc.h"

#include <stdio.h>

enum {
    YEAR_MIN = 1970,
    YEAR_MAX = 9999,
    DAYS_OF_4_CENTURIES = 146097,
    DAYS_TO_1970 = 719468, // from the first of March of the year 0
    SECONDS_OF_DAY = 86400,
    MONTHS = 12
};
static const int64_t LAST_SECOND = 253402300799; // of the year 9999

// Days since 1970 of a date; the calendar is not checked.
static int64_t days_of(int year, int month, int day) {
    int64_t shifted = month > 2 ? year : year - 1; // the year that began on the first of March
    int64_t era = shifted / 400;
    int64_t year_of_era = shifted % 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * DAYS_OF_4_CENTURIES + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
           day_of_year - DAYS_TO_1970;
}

static int days_of_month(int year, int month) {
    int next_year = month == MONTHS ? year + 1 : year;
    int next_month = month == MONTHS ? 1 : month + 1;
    return (int)(days_of(next_year, next_month, 1) - days_of(year, month, 1));
}

// Reads `count` digits and moves behind them. -1 when there are fewer.
static int read_number(struct text *text, size_t count) {
    int number = 0;
    if (text->len < count) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(text->ptr[i])) {
            return -1;
        }
        number = 10 * number + (text->ptr[i] - '0');
    }
    *text = (struct text){text->ptr + count, text->len - count};
    return number;
}

static bool read_mark(struct text *text, char mark) {
    bool is_there = text->len && text->ptr[0] == mark;
    *text = is_there ? (struct text){text->ptr + 1, text->len - 1} : *text;
    return is_there;
}

static bool read_date(struct text *text, int64_t *ret_days) {
    int year = read_number(text, 4);
    bool is_good = read_mark(text, '-');
    int month = read_number(text, 2);
    is_good = read_mark(text, '-') && is_good;
    int day = read_number(text, 2);
    if (!is_good || year < YEAR_MIN || month < 1 || month > MONTHS || day < 1 ||
        day > days_of_month(year, month)) {
        return false;
    }
    *ret_days = days_of(year, month, day);
    return true;
}

static bool read_time(struct text *text, int *ret_seconds) {
    int hour = read_mark(text, 'T') ? read_number(text, 2) : -1;
    int minute = read_mark(text, ':') ? read_number(text, 2) : -1;
    int second =
        text->len && text->ptr[0] == ':' && read_mark(text, ':') ? read_number(text, 2) : 0;
    *ret_seconds = 3600 * hour + 60 * minute + second;
    return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 59 &&
           read_mark(text, 'Z');
}

bool utc_parse(struct text text, int64_t *ret_ms) {
    int64_t days = 0;
    int seconds = 0;
    bool is_good =
        read_date(&text, &days) && (!text.len || read_time(&text, &seconds)) && !text.len;
    if (is_good) {
        *ret_ms = (days * SECONDS_OF_DAY + seconds) * 1000;
    }
    return is_good;
}

void utc_write(int64_t ms, char ret_text[UTC_SIZE]) {
    int64_t seconds = ms < 0 ? 0 : ms / 1000;
    seconds = seconds > LAST_SECOND ? LAST_SECOND : seconds;
    int64_t days = seconds / SECONDS_OF_DAY + DAYS_TO_1970;
    int rest = (int)(seconds % SECONDS_OF_DAY);
    int64_t era = days / DAYS_OF_4_CENTURIES;
    int64_t day_of_era = days % DAYS_OF_4_CENTURIES;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int shifted = (int)((5 * day_of_year + 2) / 153); // months since March
    int day = (int)(day_of_year - (153 * shifted + 2) / 5) + 1;
    int month = shifted < 10 ? shifted + 3 : shifted - 9;
    int year = (int)(era * 400 + year_of_era) + (month <= 2);
    char text[64];
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day, rest / 3600,
             rest / 60 % 60, rest % 60);
    for (size_t i = 0; i < UTC_SIZE; i++) {
        ret_text[i] = text[i];
    }
}
