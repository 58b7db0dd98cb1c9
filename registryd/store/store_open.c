// SPDX-License-Identifier: MIT
// The store's handle, the small functions that every store_*.c runs its statements through (store_run_one,
// store_run_many), and the point of the history. The handle is made once by the daemon's main thread and then
// used by all; what changes in it is the pool, which has its own lock, and atomics.
#include "registryd/store/store.h"

#include "registryd/store/group_commit.h"
#include "registryd/store/history/history_gate.h"
#include "registryd/store/store_handle.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"

// Far above any page or batch: a bound for a statement that went wrong, not a limit of the API.
enum { LIST_BYTES_MAX = 64 * 1024 * 1024 };

CLEANUP_DEFINE(struct store *, close_store, store_close)
CLEANUP_DEFINE(struct db *, close_db, db_close)

static enum status open_gate(struct store *store, const struct store_settings *settings,
                             struct error *err) {
    const struct history_gate_settings of_gate = {
        .path = settings->history_path,
        .accepted = settings->accepted_history,
        .log = settings->log,
    };
    return history_gate_new(&of_gate, &store->gate, err);
}

// A pool of connections to the primary.
struct pool_place {
    const char *conninfo;
    int size; // connections
    bool is_pooled;
};

static enum status open_pool(struct store *store, const struct store_settings *settings,
                             const struct pool_place *place, struct db_pool **ret_pool,
                             struct error *err) {
    const struct db_settings of_connection = {
        .conninfo = place->conninfo,
        .timeout_ms = settings->timeout_ms,
        .is_pooled = place->is_pooled,
        .disk = settings->disk,
        .log = settings->log,
        .admit = history_gate_admit,
        .admit_context = store->gate,
    };
    enum status status = db_pool_new(&of_connection, place->size, ret_pool, err);
    if (!status) {
        history_gate_watch(store->gate, *ret_pool);
    }
    return status;
}

// For the migrations alone.
static enum status open_owners(struct store *store, const struct store_settings *settings,
                               struct error *err) {
    const struct pool_place place = {settings->owner_conninfo, 1, false};
    if (!place.conninfo) {
        return STATUS_OK;
    }
    enum status status = open_pool(store, settings, &place, &store->owners, err);
    return status ? status : db_conninfo_user(settings->conninfo, &store->role, err);
}

static enum status open_direct(struct store *store, const struct store_settings *settings,
                               struct error *err) {
    const struct pool_place place = {settings->direct_conninfo, 1, false};
    return place.conninfo ? open_pool(store, settings, &place, &store->direct, err) : STATUS_OK;
}

struct db_pool *store_session_pool(const struct store *store) {
    return store->direct ? store->direct : store->pool;
}

// Nothing connects here: a daemon starts, and answers "unavailable", while its database is away.
enum status store_open(const struct store_settings *settings, struct store **ret_store,
                       struct error *err) {
    scoped(close_store) struct store *store = calloc(1, sizeof *store);
    if (!store) {
        return fail_no_memory(err);
    }
    store->log = settings->log;
    store->backup_role = settings->backup_role;
    store->objects = settings->objects;
    store->new_files = settings->new_files;
    store->grace_seconds = settings->grace_seconds;
    atomic_init(&store->search_reached, SEARCH_UNKNOWN);
    enum status status = open_gate(store, settings, err);
    if (status) {
        return status;
    }
    const struct pool_place place = {settings->conninfo, settings->pool_size, settings->is_pooled};
    status = open_pool(store, settings, &place, &store->pool, err);
    if (status) {
        return status;
    }
    status = open_owners(store, settings, err);
    if (status) {
        return status;
    }
    status = open_direct(store, settings, err);
    if (status) {
        return status;
    }
    status = store_reading_open(store, settings, err);
    if (status) {
        return status;
    }
    store->publishes = group_commit_new(store->pool);
    if (!store->publishes) {
        return fail_no_memory(err);
    }
    *ret_store = take(store);
    return STATUS_OK;
}

// No thread may be in a call any more.
void store_close(struct store *store) {
    if (store) {
        group_commit_free(store->publishes);
        store_reading_close(store->reading);
        db_pool_free(store->owners);
        db_pool_free(store->direct);
        free(store->role);
        db_pool_free(store->pool);
        history_gate_free(store->gate);
        free(store);
    }
}

// The row is copied out before `rows` goes; a column that is borrowed would dangle, so callers use
// DB_COLUMN_TEXT or DB_COLUMN_CHARS.
enum status store_run_one_on(struct db *db, const struct store_query *query, void *ret_object,
                             bool *ret_found, struct error *err) {
    if (!query->columns) {
        return db_run(db, query->call, NULL, err);
    }
    scoped(db_rows_done) struct db_rows rows = {.columns = query->columns, .arena = query->arena};
    enum status status = db_run(db, query->call, &rows, err);
    if (status) {
        return status;
    }
    status = db_rows_next(&rows, ret_object, err);
    if (status) {
        return status;
    }
    if (ret_found) {
        *ret_found = rows.found;
    }
    return STATUS_OK;
}

// A statement that writes goes to the primary, whichever handle it is given.
static struct store *for_call(struct store *store, const struct db_call *call) {
    return store->primary && sql_table[call->statement].writes ? store->primary : store;
}

enum status store_begin_snapshot(struct db *db, struct error *err) {
    return db_is_in_transaction(db)
               ? STATUS_OK
               : db_run(db, &(struct db_call){SQL_TRANSACTION_BEGIN_SNAPSHOT}, NULL, err);
}

enum status store_run_one(struct store *store, const struct store_query *query, void *ret_object,
                          bool *ret_found, struct error *err) {
    scoped(store_read_end) struct store_read read = {.store = for_call(store, query->call)};
    while (store_read_next(&read, err)) {
        read.status = store_run_one_on(read.loan.db, query, ret_object, ret_found, err);
    }
    return read.status;
}

// Rows gather on the heap and are copied once at their exact size: an arena cannot give back what a growing
// list leaves behind.
enum status store_run_many_on(struct db *db, const struct store_query *query,
                              struct store_list *list, struct error *err) {
    scoped(db_rows_done) struct db_rows rows = {.columns = query->columns, .arena = query->arena};
    scoped(buffer_done) struct buffer items;
    buffer_init(&items, LIST_BYTES_MAX);
    enum status status = db_run(db, query->call, &rows, err);
    while (!status) {
        max_align_t item[STORE_ITEM_BYTES_MAX / sizeof(max_align_t)] = {0};
        status = db_rows_next(&rows, item, err);
        if (status || !rows.found) {
            break;
        }
        buffer_add(&items, item, list->item_size);
    }
    if (status) {
        return status;
    }
    void *copy = items.failed ? NULL : arena_copy(query->arena, items.ptr, items.len);
    if (!copy) {
        return fail_no_memory(err);
    }
    list->items = copy;
    list->count = items.len / list->item_size;
    return STATUS_OK;
}

enum status store_run_many(struct store *store, const struct store_query *query,
                           struct store_list *list, struct error *err) {
    scoped(store_read_end) struct store_read read = {.store = for_call(store, query->call)};
    while (store_read_next(&read, err)) {
        read.status = store_run_many_on(read.loan.db, query, list, err);
    }
    return read.status;
}

void store_cut_page(const struct page *page, struct store_list *list) {
    list->more = list->count > (size_t)page->limit;
    if (list->more) {
        list->count = (size_t)page->limit;
    }
}

// A page of 100 is read with a limit of 101: the last row is only the proof that there is a next page.
enum status store_run_page(struct store *store, const struct store_query *query,
                           const struct page *page, struct store_list *list, struct error *err) {
    enum status status = store_run_many(store, query, list, err);
    if (status) {
        return status;
    }
    store_cut_page(page, list);
    return STATUS_OK;
}

// The statements join lists with line feeds, which no name may contain.
bool store_split_lines(struct arena *arena, const char *lines, struct strings *ret_strings) {
    size_t count = *lines != '\0';
    for (const char *c = lines; *c; c++) {
        count += *c == '\n';
    }
    const char **items = arena_array(arena, count, sizeof *items);
    if (!items) {
        return false;
    }
    struct text rest = text_from(lines);
    struct text line;
    for (size_t i = 0; i < count && text_split(&rest, '\n', &line); i++) {
        items[i] = arena_copy(arena, line.ptr, line.len);
        if (!items[i]) {
            return false;
        }
    }
    *ret_strings = (struct strings){items, count};
    return true;
}

void store_stats(struct store *store, struct store_stats *ret_stats) {
    struct db_pool_stats stats;
    db_pool_stats(store->pool, &stats);
    *ret_stats = (struct store_stats){stats.size, stats.open, stats.lent, stats.is_reachable};
}

// By a connection that ends here: none of the owner's is kept.
static enum status ping_as_owner(struct store *store, struct error *err) {
    scoped(close_db) struct db *db = NULL;
    int timeout_ms = db_pool_timeout_ms(store->owners);
    enum status status = db_pool_open_apart(store->owners, timeout_ms, &db, err);
    return status ? status : db_run(db, &(struct db_call){SQL_PING}, NULL, err);
}

// Before the first migration the daemon's own role may not be there yet, though the database is.
enum status store_ping(struct store *store, struct error *err) {
    if (store->owners && !atomic_load(&store->is_admitted)) {
        return ping_as_owner(store, err);
    }
    scoped(db_pool_end) struct db_loan loan = {0};
    enum status status = db_pool_begin(store->pool, &loan, err);
    return status ? status : db_run(loan.db, &(struct db_call){SQL_PING}, NULL, err);
}

bool history_point_is_later(const struct history_point *point, const struct history_point *other) {
    bool has_numbers = point->epoch_number && other->epoch_number;
    if (has_numbers && point->epoch_number != other->epoch_number) {
        return point->epoch_number > other->epoch_number;
    }
    return strcmp(point->epoch, other->epoch) != 0 || point->serial > other->serial;
}

static const struct db_column point_columns[] = {
    {"epoch", DB_COLUMN_CHARS, offsetof(struct history_point, epoch), EPOCH_SIZE},
    {"epoch_number", DB_COLUMN_INT64, offsetof(struct history_point, epoch_number), 0},
    {"serial", DB_COLUMN_INT64, offsetof(struct history_point, serial), 0},
};
const struct db_columns store_point_columns = {point_columns, COUNT_OF(point_columns)};

enum status store_point_load(struct store *store, struct history_point *ret_point,
                             struct error *err) {
    struct store_query query = {.call = &(struct db_call){SQL_REGISTRY_POINT},
                                .columns = &store_point_columns};
    return store_run_one(store, &query, ret_point, NULL, err);
}
