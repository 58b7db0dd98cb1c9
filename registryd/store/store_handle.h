// SPDX-License-Identifier: MIT
// The inside of the store's handle, for the files of this folder.
#pragma once

#include "registryd/store/libpq/db_pool.h"
#include "registryd/store/store.h"

#include <stdatomic.h>

struct group_commit;
struct standby;
struct history_gate;

enum { SEARCH_UNKNOWN = -1 };

struct store {
    struct db_pool *pool;   // as the daemon's role; owned
    struct db_pool *owners; // connections as the owner of the tables; NULL = the same as `direct`
    struct db_pool *direct; // past the pooler: for LISTEN and migrations; NULL = the same as `pool`
    atomic_bool is_admitted;        // the role has its rights
    const char *backup_role;        // made by the owner; NULL = none; borrowed
    char *role;                     // of `pool`, where it is not the owner; owned
    struct group_commit *publishes; // the queue; owned
    struct store *reading;          // the handle of reads from a standby; NULL = none; owned
    struct store *primary;          // of that handle: this one; NULL = it is the primary's itself
    struct standby *standby;        // of that handle; owned
    struct history_gate *gate;      // which servers are used; owned
    const struct log_sink *log;
    struct object_store *objects; // NULL: none; borrowed
    enum file_place new_files;
    int grace_seconds;
    atomic_int_fast64_t
        search_reached; // as store_search_state; SEARCH_UNKNOWN before the first answer
    atomic_int_fast64_t search_problems; // packages that could not be indexed
    atomic_int search_failures;          // of store_packages_follow, one after the other
};

// A read that a standby may answer, as far as the handle is one of reads (store_reading). The body of the loop runs
// once, or twice when it fails on the standby: then again on the primary. It must only read, and leaves what it came
// to in `status`.
//
//     scoped(store_read_end) struct store_read read = {.store = store};
//     while (store_read_next(&read, err)) {
//         read.status = read_something(read.loan.db, ..., err);
//     }
//     return read.status;
struct store_read {
    struct store *store;
    struct db_loan loan; // where to read
    enum status status;
    bool on_standby; // the loan is of a standby
    bool on_primary; // of the primary: the last attempt
};
bool store_read_next(struct store_read *read, struct error *err);
// The first attempt alone: false when the standby is not to be asked. Nothing follows it.
bool store_read_standby(struct store_read *read);
void store_read_end(struct store_read *read);

// The handle of reads, when the settings name a standby; closed with the store.
enum status store_reading_open(struct store *store, const struct store_settings *settings,
                               struct error *err);
void store_reading_close(struct store *reading);

// Where a connection comes from that must keep its session.
struct db_pool *store_session_pool(const struct store *store);

// Borrows a connection, runs one statement and reads its only row into *ret_object; for statements of
// the shapes none, one and optional. `columns` may be NULL. False in *ret_found when no row came. The
// second form runs on a connection at hand.
struct store_query {
    const struct db_call *call;
    const struct db_columns *columns; // NULL: the statement gives no rows
    struct arena *arena;              // for columns of text
};
enum status store_run_one(struct store *store, const struct store_query *query, void *ret_object,
                          bool *ret_found, struct error *err);
enum status store_run_one_on(struct db *db, const struct store_query *query, void *ret_object,
                             bool *ret_found, struct error *err);

// Begins a transaction whose statements read one state, unless the read has begun one already (behind a pooler).
enum status store_begin_snapshot(struct db *db, struct error *err);

// A list of rows: set item_size (at most STORE_ITEM_BYTES_MAX).
enum { STORE_ITEM_BYTES_MAX = 256 };
struct store_list {
    size_t item_size; // bytes of one row's struct
    void *items;      // arena
    size_t count;
    bool more; // of a page: other rows follow
};
// Runs a statement of the shape many and reads all its rows; the second form on a connection at hand.
enum status store_run_many(struct store *store, const struct store_query *query,
                           struct store_list *list, struct error *err);
enum status store_run_many_on(struct db *db, const struct store_query *query,
                              struct store_list *list, struct error *err);
// The same for a page: the statement is asked for one row more than the page has, and list->more says
// whether it came.
enum status store_run_page(struct store *store, const struct store_query *query,
                           const struct page *page, struct store_list *list, struct error *err);

// Cuts a list of one row more than a page to the page.
void store_cut_page(const struct page *page, struct store_list *list);

// The same for a page of what follows the changes late (search, counts of groups): first made to follow, so that who
// publishes and then asks finds it. A standby answers only when it has all that is to follow.
enum status store_run_search_page(struct store *store, const struct store_query *query,
                                  const struct page *page, struct store_list *list,
                                  struct error *err);

// Runs a statement with the columns of changes_since and the limit as its second parameter.
enum status store_run_changes(struct store *store, struct arena *arena, const struct db_call *call,
                              struct changes *ret_changes, struct error *err);

// The lines of a text, as a list in the arena; none for an empty text. False when out of memory.
bool store_split_lines(struct arena *arena, const char *lines, struct strings *ret_strings);

// Fails with FORBIDDEN: the file's package or release is quarantined.
enum status store_refuse_quarantined(const char *filename, struct error *err);

// Runs a change (store_lifecycle.c). When it wrote nothing, the outcome has the point of now: the point of a reply is never
// older than what the reply says.
struct lifecycle_outcome;
enum status store_change_run(struct store *store, const struct db_call *call,
                             struct lifecycle_outcome *ret_outcome, struct error *err);

// Where the registry stands.
enum status store_point_load(struct store *store, struct history_point *ret_point,
                             struct error *err);

// The columns of a struct package_row: search and the page of a package read the same ones.
enum { STORE_PACKAGE_COLUMNS = 9 };
extern const struct db_column store_package_columns[STORE_PACKAGE_COLUMNS];

// The columns of a struct history_point.
extern const struct db_columns store_point_columns;
