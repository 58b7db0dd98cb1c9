// SPDX-License-Identifier: MIT
// A walk over the characters between scalars.
#include "schema/readers/core/yaml_tabs.h"

static bool is_continuation(char c) {
    return ((unsigned char)c & 0xc0) == 0x80;
}

static void step(struct yaml_tabs *tabs) {
    tabs->line += tabs->bytes.ptr[tabs->at] == '\n';
    tabs->at++;
    while (tabs->at < tabs->bytes.len && is_continuation(tabs->bytes.ptr[tabs->at])) {
        tabs->at++;
    }
    tabs->index++;
}

static bool begins_comment(const struct yaml_tabs *tabs) {
    return tabs->bytes.ptr[tabs->at] == '#' &&
           (tabs->at == 0 || is_space(tabs->bytes.ptr[tabs->at - 1]));
}

void yaml_tabs_check(struct yaml_tabs *tabs, size_t end_index) {
    bool comment = false;
    while (tabs->at < tabs->bytes.len && tabs->index < end_index) {
        char c = tabs->bytes.ptr[tabs->at];
        comment = c != '\n' && (comment || begins_comment(tabs));
        if (c == '\t' && !comment && !tabs->tab_line) {
            tabs->tab_line = tabs->line;
        }
        step(tabs);
    }
}

void yaml_tabs_skip(struct yaml_tabs *tabs, size_t end_index) {
    while (tabs->at < tabs->bytes.len && tabs->index < end_index) {
        step(tabs);
    }
}
