// SPDX-License-Identifier: MIT
// The part of the store that says what a group's contract would judge: the releases with entry points in the group,
// and what environments set for these packages. Everything store.h says of its calls holds here.
#pragma once

#include "registryd/store/store.h"

// The entry points of one release in the group.
struct group_release {
    int64_t id; // the cursor
    const char *package;
    const char *version;
    const char *entries; // JSON: [{"name", "value", "manifest": text or null}]
};
struct group_releases {
    struct group_release *items; // arena; in the order of their publishing
    size_t count;
};

// A page of a group: what follows the cursor.
struct group_page {
    const char *group;
    int64_t after_id;              // of releases; 0 = from the beginning
    const char *after_environment; // of settings; "" = from the beginning
    const char *after_package;     // likewise
    int limit;
};
enum status store_group_releases_load(struct store *store, struct arena *arena,
                                      const struct group_page *page,
                                      struct group_releases *ret_releases, struct error *err);

// What one environment sets for one package.
struct group_setting {
    const char *environment;
    const char *package;
    const char *settings; // JSON of an object; NULL = none
    const char
        *entries; // JSON, of entry points in the group: {"NAME": {"settings": {…}}}; NULL = none
};
struct group_settings {
    struct group_setting *items; // arena; by environment and package
    size_t count;
};
enum status store_group_settings_load(struct store *store, struct arena *arena,
                                      const struct group_page *page,
                                      struct group_settings *ret_settings, struct error *err);
