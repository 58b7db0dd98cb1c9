// SPDX-License-Identifier: MIT
// What an import from another index remembers between its runs, in a file that its user names: the entity tags of pages
// that were imported whole, and files that need not be downloaded again.
//
//     {"kind": "registryctl-import", "format": 1, "index": "https://…/simple/", "registry": "https://…",
//      "groups": ["honeyframe.plugins"], "pages": {"crm": "\"9f…\""}, "files": {"9f…": "left out"}}
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

#include <jansson.h>

struct import_state {
    const char *path; // NULL: nothing is kept
    json_t *json;     // owned
};

// What the file must be about; another file is refused, as its tags would leave out what this import wants.
struct import_state_about {
    const char *index;
    const char *registry;
    struct strings groups;
};

// Reads the file, or begins with nothing when there is none. Close with import_state_done.
// Fails with: USAGE (the file is about another import, or is none of ours), IO, NO_MEMORY.
enum status import_state_load(const char *path, const struct import_state_about *about,
                              struct import_state *ret_state, struct error *err);
void import_state_done(struct import_state *state);

// Writes the file, whole or not at all. Fails with: DISK_FULL, IO, NO_MEMORY.
enum status import_state_store(struct arena *arena, const struct import_state *state,
                               struct error *err);

// The entity tag of a page that was imported whole; NULL: none. Borrowed.
const char *import_state_tag(const struct import_state *state, const char *package);
bool import_state_set_tag(struct import_state *state, const char *package, const char *tag);

// Whether a file was left out for its groups.
bool import_state_is_left_out(const struct import_state *state, const char *sha256);
bool import_state_leave_out(struct import_state *state, const char *sha256);
