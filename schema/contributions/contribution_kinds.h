// SPDX-License-Identifier: MIT
// The kinds of contributions as one table: where a manifest has them, and when two plugins are in conflict over one.
// Internal to this folder.
#pragma once

#include "schema/base/arena.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum contribution_shape {
    SHAPE_OBJECTS, // a list of objects: nav
    SHAPE_TEXTS,   // a list of texts: permissions
    SHAPE_TEXT,    // one text: dbt_workspace
};

struct contribution_kind {
    const char *list;              // of the document: "navigation"
    const char *member;            // of the manifest: "nav"
    enum contribution_shape shape; // of that member
    const char *key;         // of an item: what it is called in the document, and in an object
    const char *const *kept; // further members of an object that are kept
    size_t kept_count;
    const char *
        origins; // merged over all plugins of a group: the member with the origins; NULL: not merged
    const char
        *united; // a list of texts in the object whose members are united when merged; NULL: none
    const char *code;  // of the conflict, when two plugins have the same subject; NULL: no conflict
    const char *words; // "the navigation path", before the subject

    // By what two items are the same: "POST /products/{}". `key` is the text under the key. Arena; "" when the item is
    // no contribution, NULL when out of memory.
    const char *(*subject)(struct arena *arena, const json_t *item, const char *key);
};

// In the order of the document. Static; NULL past the end.
const struct contribution_kind *contribution_kind_at(size_t index);
