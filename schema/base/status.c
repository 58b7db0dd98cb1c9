// SPDX-License-Identifier: MIT
// The table behind status.h.
#include "schema/base/status.h"

#include <string.h>

static const struct status_info rows[STATUS_COUNT] = {
#define STATUS_ROW(name, wire, http, code, text) [STATUS_##name] = {wire, http, code, text},
    STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
};

const struct status_info *status_info(enum status status) {
    return (unsigned)status < STATUS_COUNT ? &rows[status] : &rows[STATUS_INTERNAL];
}

enum status status_find(const char *wire_name) {
    for (int i = 0; i < STATUS_COUNT; i++) {
        if (strcmp(rows[i].wire_name, wire_name) == 0) {
            return (enum status)i;
        }
    }
    return STATUS_INTERNAL;
}
