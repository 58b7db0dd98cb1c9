// SPDX-License-Identifier: MIT
// The keys of a Honeyframe plugin.yaml as one table, and the check that walks it. Internal to
// plugin_yaml.c and its tests.
#pragma once

#include "schema/readers/core/reader_add.h"

struct manifest_table;

struct manifest_field {
    const char *key;                    // as it stands in the file
    enum node_type type;                // what the value must be
    bool required;                      // its absence is `missing_code`
    const char *missing_code;           // finding when it is required and not there
    const struct manifest_table *items; // of a list of tables
    void (*check)(struct reader *reader, const struct node *node); // may be NULL
    const char *description; // for the documentation of the format
};

struct manifest_table {
    const struct manifest_field *fields;
    size_t count;
};

extern const struct manifest_table plugin_yaml_fields;

// Checks every key of a table: types, required ones, unknown ones (warnings), and each field's rule.
void manifest_check(struct reader *reader, const struct node *table,
                    const struct manifest_table *fields);
