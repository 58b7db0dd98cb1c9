// SPDX-License-Identifier: MIT
// The entry-point grammar (PyPA "Entry points specification"): group, name, object reference
// `module[:attr] [extras]`. Pure functions, callable from any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

struct entry_point {
    const char *group;
    const char *name;
    const char *value; // the object reference
};

// The three parts of a value; views into it. `attr` and `extras` may be empty.
struct object_reference {
    struct text module;
    struct text attr;
    struct text extras; // between the brackets
};

// Fails with: INVALID; the message says what the grammar wants and what was found.
enum status entry_point_group_check(struct text group, struct error *err); // ^\w+(\.\w+)*$
enum status entry_point_name_check(struct text name, struct error *err);
enum status object_reference_parse(struct text value, struct object_reference *ret_reference,
                                   struct error *err);
