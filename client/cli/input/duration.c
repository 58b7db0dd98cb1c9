// SPDX-License-Identifier: MIT
// Units are those that people write; a month or a year has no fixed length and is left out. The number of digits is
// bounded, so the product cannot overflow.
#include "client/cli/input/duration.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <stdlib.h>
#include <string.h>

// "90", "90s", "15m", "12h", "7d". Nine digits cannot overflow, whatever the unit.
bool duration_parse(const char *text, long long *ret_seconds) {
    static const struct {
        const char *suffix;
        long long seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    enum { DIGITS_MAX = 9 };
    size_t len = strspn(text, "0123456789");
    for (size_t i = 0; len && len <= DIGITS_MAX && i < COUNT_OF(units); i++) {
        long long seconds = strtoll(text, NULL, 10) * units[i].seconds;
        if (strcmp(text + len, units[i].suffix) == 0 && seconds <= LIMIT_AGE_SECONDS) {
            *ret_seconds = seconds;
            return true;
        }
    }
    return false;
}
