// SPDX-License-Identifier: MIT
// A lock: what a frozen environment answers, written down once. It holds the exact releases with their
// files, the records in their order and the decisions of the moment, but no settings: those are the
// environment's own, so that a lock may be promoted. Its document is JSON; a decoded lock is not
// written again, so any thread may read it. docs/ENVIRONMENTS.md says what a lock promises.
#pragma once

#include "registryd/resolver/selection.h"
#include "registryd/store/store_candidates.h"
#include "registryd/store/store_environments.h"
#include "schema/decision.h"

// A file of a locked release: those that were there when the lock was made, whatever came later.
struct locked_file {
    const char *filename;
    const char *kind;        // "wheel", "sdist"
    const char *sha256;      // hex
    const char *tags;        // of a wheel, with a space between them; "" = of an sdist
    const char *uploaded_at; // RFC 3339, UTC
    int64_t size;            // bytes
};

// The tags of a host, sorted; none = every wheel fits.
struct host_tags {
    const char *const *items;
    size_t count;
};

// Whether a host with these tags can install the file: a source distribution fits everywhere.
bool locked_file_fits(const struct locked_file *file, const struct host_tags *tags);

struct locked_release {
    const char *package;         // normalised
    const char *version;         // normalised
    const char *requires_python; // NULL = any
    const struct locked_file *files;
    size_t file_count;
    const char *ignored; // why its quarantine is ignored, "" without a reason; NULL = it is not
    const char *ignored_by;
    const char *ignored_at; // RFC 3339, UTC
};

struct lock {
    int64_t id;              // 0 until it is stored
    const char *environment; // that it was made of
    int64_t revision;        // by whose rules
    const char *made_at;     // RFC 3339, UTC; NULL until it is stored
    const char *made_by;
    struct history_point point;      // of the state it was made from
    struct locked_release *releases; // by package
    size_t release_count;
    struct records records;     // as answered, without settings
    struct decisions decisions; // of all groups, without settings; sorted
};

// The release of a package that is locked; NULL = none.
const struct locked_release *lock_find(const struct lock *lock, const char *package);

// A copy of everything but records and decisions, which a selection has. Arena; NULL when out of memory.
const struct lock *lock_copy(struct arena *arena, const struct lock *lock);

// The document. Arena. Fails with: TOO_LARGE (LIMIT_LOCK_BYTES), NO_MEMORY.
enum status lock_encode(struct arena *arena, const struct lock *lock, const char **ret_document,
                        struct error *err);

// Reads what lock_encode wrote, with what stands beside it in its row. Arena.
// Fails with: INTERNAL (what was stored cannot be read), NO_MEMORY.
enum status lock_decode(struct arena *arena, const struct environment_lock_row *row,
                        struct lock *ret_lock, struct error *err);
