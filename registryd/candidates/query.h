// SPDX-License-Identifier: MIT
// What is asked of the index: groups, an environment and the facts over it. Plain data; docs/RESOLUTION.md says what
// each of them does.
#pragma once

#include "registryd/candidates/opened_secrets.h"
#include "registryd/store/store.h"
#include "schema/snapshot/signature.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Unset is not no: it leaves the choice to the environment.
enum choice { CHOICE_UNSET, CHOICE_YES, CHOICE_NO };

struct resolve_fact {
    const char *name;
    const char *value;
};

// Facts override those of the environment key by key. Borrowed for the call.
struct resolve_query {
    const char *const *groups; // sorted, without duplicates; none = every group there is
    size_t group_count;
    const char *const *names; // of entry points; sorted, each once; none = all of them
    size_t name_count;
    const char *const *packages; // normalised, sorted, each once; none = all of them
    size_t package_count;
    const char *environment;         // NULL = "default"
    const char *python;              // PEP 440 version; NULL = the environment's, or any
    const struct resolve_fact *have; // by normalised name, each once
    size_t have_count;
    const struct resolve_fact *markers; // by variable, each once
    size_t marker_count;
    const char *const *tags; // sorted; none = the environment's
    size_t tag_count;
    enum choice prereleases;              // unset = as the environment's policy says
    bool with_settings;                   // the asker may read those of the environment
    const struct opened_secrets *secrets; // the asker may have these, too; NULL = none
    bool decides;                         // the answer carries decisions
    bool explain;
    bool wants_missing; // whole answers alone
    bool is_thawed;     // as if the environment were not frozen: its rules answer, not its lock
    int limit;          // items of a page; 0 = everything at once
    int64_t first;      // for forms that write a part of the records: where it begins
    const char *cursor; // where the page before ended (selection.next); NULL = from the start

    const char
        *query; // as the asker wrote it (schema/snapshot/query_string.h), for forms that repeat it
    struct store *store;                 // for forms that ask the database besides; borrowed
    const struct signature_pair *signer; // signs the answer; NULL = the answer is unsigned
};
