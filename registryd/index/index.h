// SPDX-License-Identifier: MIT
// The index answers resolutions from memory. Per group it holds an immutable table of candidates,
// loaded when first asked for and refreshed package by package as the feed tells of changes; on top,
// a bounded cache of finished answers. Look-ups take a lock only to copy a pointer. When the database
// is away, what is in memory goes on being answered.
#pragma once

#include "registryd/rules/facts.h"
#include "registryd/resolver/lock.h"
#include "registryd/resolver/selection.h"
#include "schema/base/log.h"

#include <stdatomic.h>

struct index;

struct index_settings {
    struct store *store;   // borrowed
    struct store *reading; // its handle of reads (store_reading); NULL = there is no standby
    size_t cache_bytes;    // of finished answers
    const struct log_sink *log;
};

enum status index_new(const struct index_settings *settings, struct index **ret_index,
                      struct error *err);
void index_free(struct index *index);

// Starts and stops the thread that follows the feed.
enum status index_feed_start(struct index *index, struct error *err);
void index_feed_stop(struct index *index);

// Whether the feed listens to the database and has caught up with it.
bool index_is_following(struct index *index);

// How it is at this moment.
struct index_stats {
    struct history_point point; // what answers are made from
    bool is_following;          // the feed is connected
    int64_t lag_ms;             // since every change was known; 0 while following
    size_t groups;              // in memory
    size_t cache_bytes;
    uint64_t cache_hits;
    uint64_t cache_misses;
};
void index_stats(struct index *index, struct index_stats *ret_stats);

// Where this daemon stands: the change it has applied last. The epoch is empty before the first.
void index_point(struct index *index, struct history_point *ret_point);

// What is read from the database after this shows at least this: the same, unless the database has another history
// that is not loaded yet.
void index_database_point(struct index *index, struct history_point *ret_point);

// Waits until the index has applied `serial`, at most `timeout_ms`; at once when the feed is stopped.
// False when it did not.
bool index_wait(struct index *index, int64_t serial, int timeout_ms);

// The same for a change of our own: what is read from a standby from now on shows it, applied or not.
bool index_wait_own(struct index *index, const struct history_point *point, int timeout_ms);

// What the maker of a change must be shown: the latest change that is applied, or the latest own one when that
// is later.
void index_newest(struct index *index, struct history_point *ret_point);

// As index_wait, for a change of a certain epoch: the index has reached it when it is at that change, or in an
// epoch with a higher number, where the change may be lost. With epoch_number 0 the serial alone counts.
bool index_wait_point(struct index *index, const struct history_point *point, int timeout_ms);

// A release that this daemon has just published.
struct own_write {
    const char *package;
    const struct entry_point *entry_points;
    size_t entry_point_count;
    struct history_point point; // the state that it was made from
};

// Waits until the index has applied a change of our own, at most `timeout_ms`; when it concerns nothing
// in memory, it is applied here and now, without the feed's round trip. False when it did not.
bool index_apply_own(struct index *index, const struct own_write *change, int timeout_ms);

// A finished answer, shared by everybody who asks the same.
struct answer {
    char *body; // JSON or a snapshot
    size_t body_len;
    char etag[ANSWER_ETAG_SIZE];  // with quotes
    struct history_point point;   // the state that it was made from
    int64_t expires_ms;           // Unix time from which it must be made anew; 0 = never
    int64_t subject_serial;       // of the last change of what it is about; 0 = it does not say
    bool is_passing;              // for those who waited for it alone
    atomic_int references;        // the cache has one
    struct answer_packed *packed; // see answer_pack; owned
};

// The body packed, once for everybody who asks: the first asker packs, and others wait for that. `pack` makes
// a text that lives on the heap. *ret_packed is borrowed from the answer.
// Fails with: as `pack`, whose failure is kept too unless it was NO_MEMORY.
typedef enum status answer_packer(struct text plain, struct text *ret_packed);
enum status answer_pack(const struct answer *answer, answer_packer *pack, struct text *ret_packed);

// The answer to a question in a form, kept or made. *ret_answer is owned: answer_unref.
// Fails with: INVALID (a fact cannot be read; `where` is "?PARAMETER"), NOT_FOUND (there is no such
// environment), GONE (it is archived), CONFLICT (the question overrides a fact of a frozen one), TOO_LARGE, UNAVAILABLE (not in memory and the store is away), NO_MEMORY, and what the
// form fails with.
enum status index_answer(struct index *index, const struct resolve_query *query,
                         const struct answer_form *form, const struct answer **ret_answer,
                         struct error *err);
void answer_unref(const struct answer *answer);

// index_answer as the JSON of /v1/resolve.
enum status index_resolve(struct index *index, const struct resolve_query *query,
                          const struct answer **ret_answer, struct error *err);

// The selection among the releases of one package alone, in all its groups: what an environment takes of it,
// and why not the others. Reads that package from the store and loads no group, so it costs the same for a
// package in one group and in thousands. `query` names no groups. Fails as index_answer.
enum status index_select_package(struct index *index, const struct resolve_query *query,
                                 const char *package, struct arena *arena,
                                 struct selection *ret_selection, struct error *err);

// The same selection as records, kept nowhere. All texts are in the arena. Fails as index_answer.
enum status index_select(struct index *index, const struct resolve_query *query,
                         struct arena *arena, struct selection *ret_selection, struct error *err);

// What these rules select now in all groups, as if the environment were not frozen: for a lock that is made.
// Fails as index_answer.
enum status index_select_by(struct index *index, const struct environment *rules,
                            const struct ignored_quarantines *ignored, struct arena *arena,
                            struct selection *ret_selection, struct error *err);

// Whether an environment with these rules may take the lock; what speaks against it are errors in `findings`
// (frozen_check_lock). Fails as index_answer.
struct lock_check {
    const struct environment *rules;
    const struct lock *lock;
};
enum status index_check_lock(struct index *index, const struct lock_check *check,
                             struct arena *arena, struct findings *findings, struct error *err);

// ---- pages about packages (package_pages.c) ----

// What a writer fills.
struct page_draft {
    struct buffer body;
    int64_t last_serial; // of the last change of what it is about
};

// A page about one package, written from its rows alone: the same for everybody who may read.
struct package_page {
    const char *package; // normalised; NULL = about all packages
    const char *form;    // names the form: one writer and context for each
    const void *context; // of the writer
    enum status (*write)(const struct package_page *page, struct store *store, struct arena *arena,
                         struct page_draft *draft, struct error *err);
};

// The kept page, or a new one. *ret_answer is owned: answer_unref. Fails as the writer, and with:
// UNAVAILABLE, NO_MEMORY.
enum status index_package_page(struct index *index, const struct package_page *page,
                               const struct answer **ret_answer, struct error *err);
