// SPDX-License-Identifier: MIT
// Paths that the wheels of two packages hold. Installed together, the one overwrites the other.
#pragma once

#include "registryd/store/store_candidates.h"

struct db;

struct shared_path {
    const char *package;
    const char *version;
    const char *other; // the package that it shares them with
    const char *other_version;
    const char *path; // the first of them, as installed: "plugins/crm/plugin.yaml"
    int64_t count;    // of all
};
struct shared_paths {
    struct shared_path *items; // by package, then by the other
    size_t count;
};

// Between each two of these releases: exact, path by path, over their wheels of all platforms. Of a pair, the one
// with the lesser name is `package`. Only where one of the packages is in path_sharers can there be any.
enum status store_paths_of_releases(struct store *store, struct arena *arena,
                                    const struct release_name *releases, size_t count,
                                    struct shared_paths *ret_paths, struct error *err);

// Between a wheel that is to be published for `package` and the current wheels of others. `.package` and
// `.version` of the items are NULL.
enum status store_paths_of_upload(struct store *store, struct arena *arena, const char *package,
                                  const struct wheel_folders *folders,
                                  struct shared_paths *ret_paths, struct error *err);

// Adds the folders of the wheel, in the transaction that has written its row. Internal to the store.
enum status store_paths_add(struct db *db, const struct artifact *artifact, struct error *err);
