// SPDX-License-Identifier: MIT
// Tabs where YAML hosts in Python take only spaces: libyaml lets them pass between tokens and inside
// plain scalars, PyYAML refuses the document. Fed with the marks of quoted and block scalars in the
// order of the document, in which tabs are text. Internal to yaml.c.
#pragma once

#include "schema/base/text.h"

struct yaml_tabs {
    struct text bytes; // UTF-8
    size_t at;         // byte
    size_t index;      // character, as libyaml's marks count
    size_t line;       // from 1
    size_t tab_line;   // of the first tab found; 0 = none
};

// Looks at the bytes up to a character; comments are passed over.
void yaml_tabs_check(struct yaml_tabs *tabs, size_t end_index);

// Passes over a scalar in which a tab is text.
void yaml_tabs_skip(struct yaml_tabs *tabs, size_t end_index);
