// SPDX-License-Identifier: MIT
// The table of conventions (convention.h). A new one is a row here, a file beside this one, a tree
// under tests/trees/ and a section in docs/CONVENTIONS.md.
#include "client/conventions/convention.h"

#include <string.h>

static const struct convention *const rows[] = {
    &convention_plugin_yaml,
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

const struct convention *convention_at(size_t index) {
    return index < ROW_COUNT ? rows[index] : NULL;
}

const struct convention *convention_find(const char *name) {
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (strcmp(rows[i]->name, name) == 0) {
            return rows[i];
        }
    }
    return NULL;
}

const struct convention *convention_recognize(const struct place *place) {
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i]->recognizes(place)) {
            return rows[i];
        }
    }
    return NULL;
}

const char *convention_code(enum place_kind kind, enum status status) {
    if (kind == PLACE_OUTSIDE_FILE || kind == PLACE_OUTSIDE_DIRECTORY) {
        return "link-outside-root";
    }
    switch (status) {
    case STATUS_INVALID:
        return "special-file";
    case STATUS_TOO_LARGE:
        return "too-large";
    default:
        return "unreadable";
    }
}
