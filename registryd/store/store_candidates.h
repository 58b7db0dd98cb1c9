// SPDX-License-Identifier: MIT
// The part of the store that a resolution chooses from: packages with everything selection asks of
// them. Everything store.h says of its calls holds here.
#pragma once

#include "registryd/store/store.h"
#include "schema/release/group_contract.h"

struct candidate_entry {
    const char *group;
    const char *name;
    const char *value;
    const char *manifest; // compact JSON or NULL
};

// A file with what it asks of a host, where the files of one release differ in that.
struct candidate_file {
    const char *name;
    const char *requires_python; // NULL = any
    const char *requires_dist;   // JSON array of strings; NULL = none
    const char *tags; // of a wheel, with a space between; NULL: it is a source distribution
};

struct candidate_release {
    int64_t id;          // in the order of publishing
    const char *version; // normalised
    bool prerelease;
    const char *yanked;      // why it was yanked, "" without a reason; NULL = it was not
    const char *quarantined; // the same of its quarantine
    int64_t yanked_ms;       // when, as Unix time; 0 = unknown
    const char *yanked_by;   // NULL = unknown
    int64_t quarantined_ms;
    const char *quarantined_by;
    int64_t published_ms;        // Unix time
    const char *requires_python; // NULL = any
    const char *requires_dist;   // JSON array of strings; NULL = none
    const char *wheel_tags;      // of all its wheels, with a space between; NULL = no wheel
    bool has_sdist;
    struct candidate_file *files; // as installers prefer them; NULL: all are as the release says
    size_t file_count;
    struct candidate_entry *entries; // by group and name; may be none
    size_t entry_count;
};

struct candidate_package {
    const char *name; // normalised
    const char *display_name;
    const char *status;                 // "active", "deprecated", "archived", "quarantined"
    const char *status_reason;          // NULL = none given
    const char *replaced_by;            // NULL = nothing
    int64_t status_ms;                  // when the status was set, as Unix time; 0 = unknown
    const char *status_by;              // NULL = unknown
    const char *owner;                  // a team; NULL = none
    bool shares_paths;                  // it came into folders where another package was before
    struct candidate_release *releases; // newest first
    size_t release_count;
};

// `package` and `names` look up single packages, when some changed. `group` walks all packages of a
// group, page by page.
struct candidate_query {
    const char *group; // packages of which any release has an entry point there; "" = all packages
    const char *package;  // not NULL: that one alone, whatever its groups
    struct strings names; // some: these packages alone, whatever their groups
    int64_t after;        // `last` of the page before; 0 = from the start
};

struct candidates {
    struct candidate_package *packages;
    size_t count;
    int64_t last;               // where the page ends; 0 = nothing follows
    struct history_point point; // of the same database snapshot as the rows
};

// A page of packages, each whole, of one database snapshot; the next page is of another one.
enum status store_candidates_load(struct store *store, struct arena *arena,
                                  const struct candidate_query *query,
                                  struct candidates *ret_candidates, struct error *err);

struct conflict_rows {
    struct group_contract *items; // group, owner, conflict and priority alone are set
    size_t count;
};
// The contracts of all groups that have an owner, or that say something else of two packages with one name
// than the default.
enum status store_conflicts_load(struct store *store, struct arena *arena,
                                 struct conflict_rows *ret_rows, struct error *err);

// New releases of a package, or of all packages in a group, that are kept out of every answer.
// Ids of releases rise with each publish. Releases with an id above `after_release` are held.
struct hold {
    bool is_group;
    const char *name;      // of the package or the group
    int64_t after_release; // the newest release that is not held
    const char *reason;
    const char *held_at; // RFC 3339, UTC
    const char *held_by;
};
struct hold_rows {
    struct hold *items; // those of packages, then those of groups, by name
    size_t count;
};
// What an owner decided about one entry point of a package, for every environment.
struct entry_state {
    const char *group;
    const char *package; // normalised
    const char *name;    // of an alias: the old one
    bool is_alias;
    const char *message; // why it is deprecated; NULL for an alias
    const char
        *successor; // of an alias: the present name; else "package", "package:group:name" or NULL
    const char *changed_at; // RFC 3339, UTC
    const char *changed_by;
};
struct entry_states {
    struct entry_state *items; // by group, package and name
    size_t count;
};
// All holds there are.
enum status store_holds_load(struct store *store, struct arena *arena, struct hold_rows *ret_rows,
                             struct error *err);

struct release_name {
    const char *package;
    const char *version;
};
struct release_file {
    int64_t position; // of its release in the list asked for, from 1
    const char *filename;
    const char *kind;            // "wheel", "sdist"
    const char *sha256;          // hex
    const char *tags;            // of a wheel, with a space between them
    int64_t size;                // bytes
    const char *uploaded_at;     // RFC 3339, UTC
    const char *requires_python; // its own; NULL = any
};
struct release_files {
    struct release_file *items; // by position, wheels before the sdist, then by file name
    size_t count;
};
// The files of releases.
enum status store_release_files_load(struct store *store, struct arena *arena,
                                     const struct release_name *releases, size_t count,
                                     struct release_files *ret_files, struct error *err);
