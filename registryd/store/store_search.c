// SPDX-License-Identifier: MIT
// Lists of packages come from three statements, the cheapest that answers: by words, by facets, by name. A
// facet is a text that says its kind by its first letter, as migration 0007 writes them ("s:active").
// Publishing writes no search rows; store_packages_follow does it later from the list of changes. Called by
// the threads of requests and by the search indexer's; PostgreSQL makes two who follow at once take turns.
#include "registryd/store/store_search.h"

#include "registryd/store/store_handle.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <inttypes.h>
#include <stdlib.h>

// A row as it comes: `rank` and `corrected` only of a search by words.
struct found {
    struct package_row package;
    int64_t total;         // packages in the whole list
    int64_t rank;          // where it stands in a search by words
    const char *corrected; // words that were searched for instead
};

static const struct db_column follow_columns[] = {
    {"behind", DB_COLUMN_BOOL, offsetof(struct search_state, is_behind), 0},
    {"reached", DB_COLUMN_INT64, offsetof(struct search_state, reached), 0},
    {"problems", DB_COLUMN_INT64, offsetof(struct search_state, problems), 0},
};
static const struct db_column problem_columns[] = {
    {"package", DB_COLUMN_TEXT, offsetof(struct search_problem, package), 0},
    {"error", DB_COLUMN_TEXT, offsetof(struct search_problem, error), 0},
    {"since", DB_COLUMN_TEXT, offsetof(struct search_problem, since), 0},
};
static const struct db_column own_columns[] = {
    {"total", DB_COLUMN_INT64, offsetof(struct found, total), 0},
    {"rank", DB_COLUMN_INT64, offsetof(struct found, rank), 0},
    {"corrected", DB_COLUMN_TEXT, offsetof(struct found, corrected), 0},
};
// A search follows at most four batches first. A change that fails three times is set apart.
enum { FOLLOW_TURNS = 4, PATIENCE = 3 };

// How many changes are followed at once: fewer after a failure, so that one package that takes too long
// is found, and the others are not kept waiting for it.
static const int follow_sizes[] = {500, 25, 1};
enum { COUNTED = 1, PLACED = 2, RANKED = 3 };

static const struct db_columns counted = {own_columns, COUNTED, 0, NULL};
static const struct db_columns placed = {own_columns, PLACED, 0, NULL};
static const struct db_columns ranked = {own_columns, RANKED, 0, NULL};
static const struct db_columns of_listed = {store_package_columns, STORE_PACKAGE_COLUMNS,
                                            offsetof(struct found, package), &counted};
static const struct db_columns of_placed = {store_package_columns, STORE_PACKAGE_COLUMNS,
                                            offsetof(struct found, package), &placed};
static const struct db_columns of_ranked = {store_package_columns, STORE_PACKAGE_COLUMNS,
                                            offsetof(struct found, package), &ranked};

// A search form that was sent empty is a list by name.
static bool is_blank(const char *words) {
    return !words || !text_trim(text_from(words)).len;
}

// "g:crm.plugins", "c:Framework :: Django", "s:active": one array column then answers every combination.
static bool add_facet(struct arena *arena, struct text *facet, const char *kind,
                      struct text value) {
    const char *text = arena_printf(arena, "%s:%.*s", kind, (int)value.len, value.ptr);
    *facet = text_from(text);
    return text != NULL;
}

// NULL when out of memory.
static const struct text *make_facets(struct arena *arena, const struct package_query *query,
                                      size_t *ret_count) {
    const char *const single[][2] = {
        {"s", query->status}, {"l", query->license}, {"p", query->python}, {"o", query->owner}};
    size_t most = query->group_count + query->classifier_count + COUNT_OF(single);
    struct text *facets = arena_array(arena, most, sizeof *facets);
    size_t count = 0;
    bool made = facets != NULL;
    for (size_t i = 0; made && i < query->group_count; i++) {
        made = add_facet(arena, &facets[count++], "g", query->groups[i]);
    }
    for (size_t i = 0; made && i < query->classifier_count; i++) {
        made = add_facet(arena, &facets[count++], "c", query->classifiers[i]);
    }
    for (size_t i = 0; made && i < COUNT_OF(single); i++) {
        made = !single[i][1] ||
               add_facet(arena, &facets[count++], single[i][0], text_from(single[i][1]));
    }
    *ret_count = count;
    return made ? facets : NULL;
}

// A place in a ranked list is rank and name, one a line.
static enum status parse_place(const char *place, int64_t *ret_rank, const char **ret_name,
                               struct error *err) {
    // The first page: no row ranks above this.
    if (!place) {
        *ret_rank = INT64_MAX;
        *ret_name = "";
        return STATUS_OK;
    }
    char *end = NULL;
    int64_t rank = strtoll(place, &end, 10);
    if (end == place || *end != '\n') {
        return fail(err, STATUS_USAGE, "?cursor",
                    "The cursor belongs to another list. Start again without it");
    }
    *ret_rank = rank;
    *ret_name = end + 1;
    return STATUS_OK;
}

// What a query is narrowed to, as the statements take it. An empty list of names means "none of them", no list means
// "all": hence the name that no package has.
struct narrowed {
    struct db_value facets;
    struct db_value names;
    bool is_narrow;
};

static enum status make_narrowed(struct arena *arena, const struct package_query *query,
                                 struct narrowed *ret_narrowed, struct error *err) {
    size_t count = 0;
    const struct text *facets = make_facets(arena, query, &count);
    if (!facets) {
        return fail_no_memory(err);
    }
    *ret_narrowed = (struct narrowed){db_text_list(facets, count), db_text(query->names),
                                      count || query->names};
    return STATUS_OK;
}

static bool is_by_name(const struct package_query *query) {
    return is_blank(query->words) && query->order != PACKAGES_BY_NEWEST;
}

static struct db_call make_call_by_name(const struct package_query *query,
                                        const struct narrowed *narrowed, struct db_value limit) {
    struct db_value after = db_text(query->page.after ? query->page.after : "");
    return narrowed->is_narrow
               ? (struct db_call){SQL_PACKAGES_FILTERED,
                                  .values = {[PACKAGES_FILTERED_FACETS] = narrowed->facets,
                                             [PACKAGES_FILTERED_NAMES] = narrowed->names,
                                             [PACKAGES_FILTERED_AFTER_NAME] = after,
                                             [PACKAGES_FILTERED_ROW_LIMIT] = limit}}
               : (struct db_call){
                     SQL_PACKAGES_PAGE,
                     .values = {[PACKAGES_PAGE_AFTER] = after, [PACKAGES_PAGE_ROW_LIMIT] = limit}};
}

static struct db_call make_call_newest(const struct narrowed *narrowed, int64_t rank,
                                       const char *name, struct db_value limit) {
    return narrowed->is_narrow
               ? (struct db_call){SQL_PACKAGES_FILTERED_NEWEST,
                                  .values = {[PACKAGES_FILTERED_NEWEST_FACETS] = narrowed->facets,
                                             [PACKAGES_FILTERED_NEWEST_NAMES] = narrowed->names,
                                             [PACKAGES_FILTERED_NEWEST_AFTER_RANK] = db_int64(rank),
                                             [PACKAGES_FILTERED_NEWEST_AFTER_NAME] = db_text(name),
                                             [PACKAGES_FILTERED_NEWEST_ROW_LIMIT] = limit}}
               : (struct db_call){SQL_PACKAGES_NEWEST,
                                  .values = {[PACKAGES_NEWEST_AFTER_RANK] = db_int64(rank),
                                             [PACKAGES_NEWEST_AFTER_NAME] = db_text(name),
                                             [PACKAGES_NEWEST_ROW_LIMIT] = limit}};
}

static enum status make_call(struct arena *arena, const struct package_query *query,
                             struct db_call *ret_call, struct error *err) {
    static const char *const orders[] = {"relevance", "newest", "name"};
    struct db_value limit = db_int64((int64_t)query->page.limit + 1);
    struct narrowed narrowed;
    int64_t rank = 0;
    const char *name = NULL;
    enum status status = make_narrowed(arena, query, &narrowed, err);
    if (status) {
        return status;
    }
    if (is_by_name(query)) {
        *ret_call = make_call_by_name(query, &narrowed, limit);
        return STATUS_OK;
    }
    status = parse_place(query->page.after, &rank, &name, err);
    if (status) {
        return status;
    }
    *ret_call =
        is_blank(query->words)
            ? make_call_newest(&narrowed, rank, name, limit)
            : (struct db_call){SQL_PACKAGES_SEARCH,
                               .values = {
                                   [PACKAGES_SEARCH_WORDS] = db_text(query->words),
                                   [PACKAGES_SEARCH_FACETS] = narrowed.facets,
                                   [PACKAGES_SEARCH_NAMES] = narrowed.names,
                                   [PACKAGES_SEARCH_AFTER_RANK] = db_int64(rank),
                                   [PACKAGES_SEARCH_AFTER_NAME] = db_text(name),
                                   [PACKAGES_SEARCH_ROW_LIMIT] = limit,
                                   [PACKAGES_SEARCH_LIST_ORDER] = db_text(orders[query->order]),
                               }};
    return STATUS_OK;
}

// The place of the next page is the last row shown, not the one that proves that there is more.
static enum status take_rows(struct arena *arena, const struct package_query *query,
                             const struct store_list *list, struct package_rows *ret_rows,
                             struct error *err) {
    struct package_rows rows = {.more = list->more};
    const struct found *found = list->items;
    rows.items = arena_array(arena, list->count + 1, sizeof *rows.items);
    if (!rows.items) {
        return fail_no_memory(err);
    }
    for (; rows.count < list->count; rows.count++) {
        rows.items[rows.count] = found[rows.count].package;
    }
    if (rows.count) {
        const struct found *last = &found[rows.count - 1];
        rows.total = last->total;
        rows.corrected = last->corrected;
        rows.place = is_by_name(query)
                         ? last->package.name
                         : arena_printf(arena, "%" PRId64 "\n%s", last->rank, last->package.name);
    }
    if (rows.count && !rows.place) {
        return fail_no_memory(err);
    }
    *ret_rows = rows;
    return STATUS_OK;
}

// Runs one of the statements that say how far search has come, and notes the answer for store_search_state.
static enum status run_follow(struct store *store, const struct db_call *call,
                              struct search_state *ret_state, struct error *err) {
    static const struct db_columns columns = {follow_columns, COUNT_OF(follow_columns), 0, NULL};
    struct store_query query = {.call = call, .columns = &columns};
    struct search_state state = {0};
    enum status status = store_run_one(store, &query, &state, NULL, err);
    if (status) {
        return status;
    }
    atomic_store(&store->search_reached, state.reached);
    atomic_store(&store->search_problems, state.problems);
    *ret_state = state;
    return STATUS_OK;
}

// Sets the packages of the next change apart when indexing it alone has failed over and over. An error that
// lies in a package is handled by the database function; what comes here is a change that takes longer than
// the timeout. While the database is out of reach this fails, too.
static enum status skip_change(struct store *store, struct search_state *ret_state,
                               struct error *err) {
    static const char reason[] =
        "Indexing the package takes longer than the timeout of the database";
    struct db_call call = {
        SQL_SEARCH_FOLLOW,
        .values = {
            [SEARCH_FOLLOW_ROW_LIMIT] = db_int64(1), [SEARCH_FOLLOW_REASON] = db_text(reason)}};
    enum status status = run_follow(store, &call, ret_state, err);
    if (!status) {
        atomic_store(&store->search_failures, 0);
    }
    return status;
}

// Tries 500 changes, then 25, then one. When even one fails three times in a row, it is set apart.
enum status store_packages_follow(struct store *store, bool *ret_behind, struct error *err) {
    struct search_state state = {0};
    enum status status = STATUS_INTERNAL;
    for (int i = 0; i < (int)COUNT_OF(follow_sizes) && status; i++) {
        struct db_call call = {SQL_SEARCH_FOLLOW,
                               .values = {[SEARCH_FOLLOW_ROW_LIMIT] = db_int64(follow_sizes[i]),
                                          [SEARCH_FOLLOW_REASON] = db_text(NULL)}};
        status = run_follow(store, &call, &state, err);
    }
    if (!status) {
        atomic_store(&store->search_failures, 0);
    } else if (atomic_fetch_add(&store->search_failures, 1) + 1 >= PATIENCE) {
        status = skip_change(store, &state, err);
    }
    if (status) {
        return status;
    }
    *ret_behind = state.is_behind;
    return STATUS_OK;
}

void store_search_state(struct store *store, struct search_state *ret_state) {
    *ret_state = (struct search_state){
        .reached = atomic_load(&store->search_reached),
        .problems = atomic_load(&store->search_problems),
    };
}

// In changes, not in time: 0 when nothing waits.
int64_t store_search_lag(struct store *store, int64_t serial) {
    int64_t reached = atomic_load(&store->search_reached);
    return reached == SEARCH_UNKNOWN || reached >= serial ? 0 : serial - reached;
}

// So that who publishes and then searches finds it, without waiting for the indexer: a few turns at most, and
// a failure is only a list that is a little old.
void store_search_catch_up(struct store *store) {
    struct search_state state = {0};
    struct error ignored;
    enum status status = run_follow(store, &(struct db_call){SQL_SEARCH_BEHIND}, &state, &ignored);
    for (int turn = 0; !status && state.is_behind && turn < FOLLOW_TURNS; turn++) {
        status = store_packages_follow(store, &state.is_behind, &ignored);
    }
}

// Whether nothing is left to follow, as the server of the connection knows.
static bool is_caught_up(struct db *db) {
    static const struct db_columns columns = {follow_columns, COUNT_OF(follow_columns), 0, NULL};
    struct store_query behind = {.call = &(struct db_call){SQL_SEARCH_BEHIND}, .columns = &columns};
    struct search_state state = {.is_behind = true};
    struct error ignored;
    return !store_run_one_on(db, &behind, &state, NULL, &ignored) && !state.is_behind;
}

// False when the standby is not to be asked, lags with search, or fails: then the primary is asked.
static bool read_on_standby(struct store *store, const struct store_query *query, bool may_lag,
                            struct store_list *list) {
    scoped(store_read_end) struct store_read read = {.store = store};
    struct error ignored;
    return store_read_standby(&read) && (may_lag || is_caught_up(read.loan.db)) &&
           !store_run_many_on(read.loan.db, query, list, &ignored);
}

enum status store_run_search_page(struct store *store, const struct store_query *query,
                                  const struct page *page, struct store_list *list,
                                  struct error *err) {
    if (read_on_standby(store, query, false, list)) {
        store_cut_page(page, list);
        return STATUS_OK;
    }
    struct store *primary = store->primary ? store->primary : store;
    store_search_catch_up(primary);
    enum status status = store_run_page(primary, query, page, list, err);
    if (status == STATUS_UNAVAILABLE && read_on_standby(store, query, true, list)) {
        store_cut_page(page, list);
        return STATUS_OK;
    }
    return status;
}

enum status store_search_problems_load(struct store *store, struct arena *arena,
                                       const struct page *page, struct search_problems *ret_rows,
                                       struct error *err) {
    static const struct db_columns columns = {problem_columns, COUNT_OF(problem_columns), 0, NULL};
    struct db_call call = {
        SQL_SEARCH_PROBLEMS,
        .values = {[SEARCH_PROBLEMS_AFTER] = db_text(page->after ? page->after : ""),
                   [SEARCH_PROBLEMS_ROW_LIMIT] = db_int64((int64_t)page->limit + 1)}};
    struct store_query query = {.call = &call, .columns = &columns, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct search_problem)};
    enum status status = store_run_page(store, &query, page, &list, err);
    if (status) {
        return status;
    }
    *ret_rows = (struct search_problems){list.items, list.count, list.more};
    return STATUS_OK;
}

enum status store_packages_load(struct store *store, struct arena *arena,
                                const struct package_query *query, struct package_rows *ret_rows,
                                struct error *err) {
    struct db_call call;
    enum status status = make_call(arena, query, &call, err);
    if (status) {
        return status;
    }
    const struct db_columns *columns = call.statement == SQL_PACKAGES_SEARCH ? &of_ranked
                                       : call.statement == SQL_PACKAGES_PAGE ? &of_listed
                                                                             : &of_placed;
    struct store_query run = {&call, columns, arena};
    struct store_list list = {.item_size = sizeof(struct found)};
    status = store_run_search_page(store, &run, &query->page, &list, err);
    return status ? status : take_rows(arena, query, &list, ret_rows, err);
}

// ---- facets ----

const struct facet_kind facet_kinds[FACET_KINDS] = {
    {'g', "group", "Group"},   {'c', "classifier", "Classifier"}, {'l', "license", "License"},
    {'p', "python", "Python"}, {'o', "owner", "Owner"},           {'s', "status", "Status"},
};

static const struct db_column facet_columns[] = {
    {"facet", DB_COLUMN_TEXT, offsetof(struct facet_row, facet), 0},
    {"packages", DB_COLUMN_INT64, offsetof(struct facet_row, packages), 0},
    {"is_part", DB_COLUMN_BOOL, offsetof(struct facet_row, is_part), 0},
};

// Of all packages from the kept numbers; else counted over the first thousand that match.
static struct db_call make_facets_call(const struct package_query *query,
                                       const struct narrowed *narrowed) {
    enum { PER_KIND = 10, COUNTED_MOST = 1000 };
    struct db_value per_kind = db_int64(PER_KIND);
    struct db_value most = db_int64(COUNTED_MOST);
    if (!is_blank(query->words)) {
        return (struct db_call){SQL_FACETS_SEARCHED,
                                .values = {[FACETS_SEARCHED_WORDS] = db_text(query->words),
                                           [FACETS_SEARCHED_FACETS] = narrowed->facets,
                                           [FACETS_SEARCHED_NAMES] = narrowed->names,
                                           [FACETS_SEARCHED_COUNTED_MOST] = most,
                                           [FACETS_SEARCHED_PER_KIND] = per_kind}};
    }
    return narrowed->is_narrow
               ? (struct db_call){SQL_FACETS_FILTERED,
                                  .values = {[FACETS_FILTERED_FACETS] = narrowed->facets,
                                             [FACETS_FILTERED_NAMES] = narrowed->names,
                                             [FACETS_FILTERED_COUNTED_MOST] = most,
                                             [FACETS_FILTERED_PER_KIND] = per_kind}}
               : (struct db_call){SQL_FACETS_KEPT, .values = {[FACETS_KEPT_PER_KIND] = per_kind}};
}

enum status store_facets_load(struct store *store, struct arena *arena,
                              const struct package_query *query, struct facet_rows *ret_rows,
                              struct error *err) {
    static const struct db_columns columns = {facet_columns, COUNT_OF(facet_columns), 0, NULL};
    struct narrowed narrowed;
    enum status status = make_narrowed(arena, query, &narrowed, err);
    if (status) {
        return status;
    }
    struct db_call call = make_facets_call(query, &narrowed);
    struct store_query run = {&call, &columns, arena};
    struct store_list list = {.item_size = sizeof(struct facet_row)};
    status = store_run_many(store, &run, &list, err);
    if (status) {
        return status;
    }
    *ret_rows = (struct facet_rows){list.items, list.count};
    return STATUS_OK;
}
