// SPDX-License-Identifier: MIT
// What is selected for a question (registryd/candidates/query.h): the records, left-out releases and the point
// that answer it. Made by the index, written as JSON, snapshot or requirements by a form. Plain data;
// docs/RESOLUTION.md has the rules.
#pragma once

#include "registryd/candidates/query.h"
#include "registryd/rules/narrow.h"
#include "registryd/store/store.h"
#include "schema/base/error.h"
#include "schema/base/text.h"
#include "schema/decision.h"
#include "schema/record.h"

// A release that was left out.
struct exclusion {
    const char *package;
    const char *version;
    const char *code;        // "yanked", "requires-python", ...
    const char *detail;      // a sentence for people
    const char *eligible_at; // RFC 3339: when the release stops being too new; NULL for other codes
};

struct exclusions {
    struct exclusion *items; // by package, then newest first
    size_t count;
    size_t capacity;
};

// A package that the environment enables or pins, and gets nothing for.
struct missing {
    const char *package;
    const char *code;   // as of an exclusion, or "no-entry-points"
    const char *detail; // a sentence for people
};

struct missing_list {
    struct missing *items; // by package
    size_t count;
};

struct lock; // lock.h

struct selected_release {
    const char *package;
    const char *version;
};

struct selected_list {
    struct selected_release *items; // by package
    size_t count;
};

struct selection {
    const char *environment; // its name
    int64_t revision;        // of the environment
    int64_t max_snapshot_age_seconds;
    bool is_listed_only;
    const struct lock *lock;     // that was selected from; NULL = the environment is not frozen
    struct records records;      // by group, name, package
    struct decisions decisions;  // when the query asks for them: all of them on the first page
    struct exclusions excluded;  // when explaining
    struct missing_list missing; // when asked for
    struct unknown_list unknown; // when names or packages are asked for: on the first page
    struct strings unloaded;     // required packages that were not looked up yet
    bool looked_further;         // packages of other groups matter too
    const char *const *tags;     // sorted: those a wheel must have one of
    size_t tag_count;            // 0 = every wheel fits
    struct strings
        misfits; // files of the records' releases that ask for something else than the host has
    // All that is selected, when a package of it may hold paths of another; of a frozen environment, none.
    struct selected_list may_share;
    bool is_passing;            // what may hold paths of another could not be looked at
    const char *next;           // the cursor of the next page; NULL = there is none
    struct history_point point; // of the state selected from, or an earlier one
    int64_t made_ms;            // Unix time of the selection
    int64_t expires_ms;         // Unix time from which the answer may be another; 0 = never
};

enum { ANSWER_ETAG_SIZE = 48 };

// An answer while it is written.
// An answer is passing when a part is missing for now. An example is a group without its contract,
// while the database is away.
struct answer_draft {
    struct buffer body;
    char etag[ANSWER_ETAG_SIZE]; // with quotes; left empty: that of the body
    bool is_passing;             // good for those who wait for it, and not to be kept
};

// A way to write a selection. Answers are kept by question and form, and made again when something
// they are made from changes.
// The name is a part of the key in the cache. Two forms with one name would get each other's
// answers.
struct answer_form {
    const char *name; // unique among the forms
    enum status (*encode)(const struct resolve_query *query, const struct selection *selection,
                          struct answer_draft *draft, struct error *err);
};
