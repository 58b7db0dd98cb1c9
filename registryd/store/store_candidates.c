// SPDX-License-Identifier: MIT
// Reading what a resolution chooses from. A group may hold a hundred thousand releases, so rows are
// streamed, and a text that equals the one above it (package, requires_python, value, manifest mostly
// do) is kept once. Rows come sorted by package, newest release first, entry name.
#include "registryd/store/store_candidates.h"

#include "registryd/store/store_handle.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <string.h>

// One row: the last package's, its release's and one entry point's, as the database has them.
struct candidate_row {
    struct history_point point;
    int64_t package_id; // 0: there are none
    struct candidate_package package;
    struct candidate_release release;
    struct candidate_entry entry; // its name NULL: the release has none
    const char *file_terms;       // JSON; NULL: all files are as the release says
};

#define AT(member) offsetof(struct candidate_row, member)
static const struct db_column entry_columns[] = {
    {"requires_dist", DB_COLUMN_BORROWED, AT(release.requires_dist), 0},
    {"wheel_tags", DB_COLUMN_BORROWED, AT(release.wheel_tags), 0},
    {"has_sdist", DB_COLUMN_BOOL, AT(release.has_sdist), 0},
    {"entry_group", DB_COLUMN_BORROWED, AT(entry.group), 0},
    {"entry_name", DB_COLUMN_BORROWED, AT(entry.name), 0},
    {"entry_value", DB_COLUMN_BORROWED, AT(entry.value), 0},
    {"entry_manifest", DB_COLUMN_BORROWED, AT(entry.manifest), 0},
    {"owner", DB_COLUMN_BORROWED, AT(package.owner), 0},
    {"status_ms", DB_COLUMN_INT64, AT(package.status_ms), 0},
    {"status_by", DB_COLUMN_BORROWED, AT(package.status_by), 0},
    {"yanked_ms", DB_COLUMN_INT64, AT(release.yanked_ms), 0},
    {"yanked_by", DB_COLUMN_BORROWED, AT(release.yanked_by), 0},
    {"quarantined_ms", DB_COLUMN_INT64, AT(release.quarantined_ms), 0},
    {"quarantined_by", DB_COLUMN_BORROWED, AT(release.quarantined_by), 0},
    {"release_id", DB_COLUMN_INT64, AT(release.id), 0},
    {"file_terms", DB_COLUMN_BORROWED, AT(file_terms), 0},
    {"shares_paths", DB_COLUMN_BOOL, AT(package.shares_paths), 0},
};
static const struct db_columns more_columns = {entry_columns, COUNT_OF(entry_columns)};
static const struct db_column row_columns[] = {
    {"epoch", DB_COLUMN_CHARS, AT(point.epoch), EPOCH_SIZE},
    {"epoch_number", DB_COLUMN_INT64, AT(point.epoch_number), 0},
    {"serial", DB_COLUMN_INT64, AT(point.serial), 0},
    {"package_id", DB_COLUMN_INT64, AT(package_id), 0},
    {"package", DB_COLUMN_BORROWED, AT(package.name), 0},
    {"display_name", DB_COLUMN_BORROWED, AT(package.display_name), 0},
    {"status", DB_COLUMN_BORROWED, AT(package.status), 0},
    {"status_reason", DB_COLUMN_BORROWED, AT(package.status_reason), 0},
    {"replaced_by", DB_COLUMN_BORROWED, AT(package.replaced_by), 0},
    {"version", DB_COLUMN_BORROWED, AT(release.version), 0},
    {"prerelease", DB_COLUMN_BOOL, AT(release.prerelease), 0},
    {"yanked", DB_COLUMN_BORROWED, AT(release.yanked), 0},
    {"quarantined", DB_COLUMN_BORROWED, AT(release.quarantined), 0},
    {"published_ms", DB_COLUMN_INT64, AT(release.published_ms), 0},
    {"requires_python", DB_COLUMN_BORROWED, AT(release.requires_python), 0},
};
#undef AT
static const struct db_columns columns = {row_columns, COUNT_OF(row_columns), 0, &more_columns};

enum { PAGE_PACKAGES = 1000, SCRATCH_BYTES_MAX = 1024 * 1024 * 1024 };

// The lists under construction: packages, the releases of the last package, the entries of its last
// release. Finished lists are copied into the arena at their exact size.
// Rows arrive flat, one an entry point:
//     crm 2.0 mail     begin package crm, begin release 2.0, entry mail
//     crm 2.0 sms      entry sms
//     crm 1.0 mail     end release 2.0, begin release 1.0, entry mail
//     erp 1.0 -        end release 1.0, end package crm, begin both again; no entry point
struct collector {
    struct arena *arena;
    struct buffer packages; // finished ones
    struct buffer releases; // of the package under construction
    struct buffer entries;  // of the release under construction
    struct candidate_package package;
    struct candidate_release release;
    struct candidate_release before; // the release before this one, of the same package
};

static void collector_init(struct collector *collector, struct arena *arena) {
    *collector = (struct collector){.arena = arena};
    buffer_init(&collector->packages, SCRATCH_BYTES_MAX);
    buffer_init(&collector->releases, SCRATCH_BYTES_MAX);
    buffer_init(&collector->entries, SCRATCH_BYTES_MAX);
}

static void collector_done(struct collector *collector) {
    buffer_done(&collector->packages);
    buffer_done(&collector->releases);
    buffer_done(&collector->entries);
}

// `text` in the arena: the known copy when it is equal, else a new one.
static const char *share(struct collector *collector, const char *text, const char *known) {
    if (text && known && strcmp(text, known) == 0) {
        return known;
    }
    return arena_strdup(collector->arena, text);
}

// Moves a scratch list into the arena. NULL when out of memory.
static void *settle(struct collector *collector, struct buffer *list, size_t item_size,
                    size_t *ret_count) {
    if (list->failed) {
        return NULL;
    }
    *ret_count = list->len / item_size;
    void *items = arena_copy(collector->arena, list->ptr, list->len);
    list->len = 0;
    return items;
}

// What the release before shared is found again at the same index, since both are sorted by entry point.
static bool end_release(struct collector *collector) {
    struct candidate_release *release = &collector->release;
    if (!release->version) {
        return true;
    }
    release->entries =
        settle(collector, &collector->entries, sizeof *release->entries, &release->entry_count);
    buffer_add(&collector->releases, release, sizeof *release);
    collector->before = *release;
    collector->release = (struct candidate_release){0};
    return collector->before.entries;
}

// False when memory ran out anywhere in the package; the load then fails as a whole.
static bool end_package(struct collector *collector) {
    struct candidate_package *package = &collector->package;
    if (!package->name) {
        return true;
    }
    bool ended = end_release(collector);
    package->releases =
        settle(collector, &collector->releases, sizeof *package->releases, &package->release_count);
    buffer_add(&collector->packages, package, sizeof *package);
    bool kept = package->releases;
    *package = (struct candidate_package){0};
    collector->before = (struct candidate_release){0};
    return ended && kept;
}

// A copy of `text` at `place`. False when out of memory.
static bool keep(struct collector *collector, const char *text, const char **place) {
    *place = arena_strdup(collector->arena, text);
    return *place || !text;
}

// As keep, of a text that the release above mostly has too.
static bool keep_shared(struct collector *collector, const char *text, const char *known,
                        const char **place) {
    *place = share(collector, text, known);
    return *place || !text;
}

static bool begin_package(struct collector *collector, const struct candidate_row *row) {
    if (!end_package(collector)) {
        return false;
    }
    struct candidate_package *package = &collector->package;
    package->status_ms = row->package.status_ms;
    package->shares_paths = row->package.shares_paths;
    return keep(collector, row->package.name, &package->name) &&
           keep_shared(collector, row->package.display_name, package->name,
                       &package->display_name) &&
           keep(collector, row->package.status, &package->status) &&
           keep(collector, row->package.status_reason, &package->status_reason) &&
           keep(collector, row->package.replaced_by, &package->replaced_by) &&
           keep(collector, row->package.status_by, &package->status_by) &&
           keep(collector, row->package.owner, &package->owner);
}

static bool keep_member(struct collector *collector, const json_t *item, const char *key,
                        const char **place) {
    return keep(collector, json_string_value(json_object_get(item, key)), place);
}

// The list that file_terms() of the database makes. False when out of memory.
static bool keep_files(struct collector *collector, const char *terms) {
    struct candidate_release *release = &collector->release;
    scoped(cleanup_json) json_t *list = terms ? json_loads(terms, 0, NULL) : NULL;
    size_t count = json_array_size(list);
    struct candidate_file *files =
        count ? arena_array(collector->arena, count, sizeof *files) : NULL;
    if (!count) {
        return !terms;
    }
    for (size_t i = 0; files && i < count; i++) {
        const json_t *item = json_array_get(list, i);
        bool is_sdist = json_is_true(json_object_get(item, "sdist"));
        if (!keep_member(collector, item, "file", &files[i].name) ||
            !keep_member(collector, item, "requires_python", &files[i].requires_python) ||
            !keep_member(collector, item, "requires_dist", &files[i].requires_dist) ||
            (!is_sdist && !keep_member(collector, item, "tags", &files[i].tags))) {
            return false;
        }
    }
    release->files = files;
    release->file_count = count;
    return files;
}

// Releases of a package mostly repeat their requirements, word for word.
static bool begin_release(struct collector *collector, const struct candidate_row *row) {
    if (!end_release(collector)) {
        return false;
    }
    const struct candidate_release *from = &row->release;
    const struct candidate_release *before = &collector->before;
    struct candidate_release *release = &collector->release;
    release->prerelease = from->prerelease;
    release->published_ms = from->published_ms;
    release->id = from->id;
    release->has_sdist = from->has_sdist;
    release->yanked_ms = from->yanked_ms;
    release->quarantined_ms = from->quarantined_ms;
    return keep(collector, from->version, &release->version) &&
           keep(collector, from->yanked, &release->yanked) &&
           keep(collector, from->quarantined, &release->quarantined) &&
           keep(collector, from->yanked_by, &release->yanked_by) &&
           keep(collector, from->quarantined_by, &release->quarantined_by) &&
           keep_shared(collector, from->requires_python, before->requires_python,
                       &release->requires_python) &&
           keep_shared(collector, from->requires_dist, before->requires_dist,
                       &release->requires_dist) &&
           keep_shared(collector, from->wheel_tags, before->wheel_tags, &release->wheel_tags) &&
           keep_files(collector, row->file_terms);
}

// Compared with the entry at the same place of the release before: mostly it is the same one.
static bool add_entry(struct collector *collector, const struct candidate_row *row) {
    size_t at = collector->entries.len / sizeof(struct candidate_entry);
    struct candidate_entry known = {0};
    struct candidate_entry entry = {0};
    if (at < collector->before.entry_count) {
        known = collector->before.entries[at];
    }
    bool is_good = keep_shared(collector, row->entry.group, known.group, &entry.group) &&
                   keep_shared(collector, row->entry.name, known.name, &entry.name) &&
                   keep_shared(collector, row->entry.value, known.value, &entry.value) &&
                   keep_shared(collector, row->entry.manifest, known.manifest, &entry.manifest);
    buffer_add(&collector->entries, &entry, sizeof entry);
    return is_good;
}

// A package or release ends when a row of another one comes.
static bool add_row(struct collector *collector, const struct candidate_row *row) {
    const char *package = collector->package.name;
    if ((!package || strcmp(package, row->package.name) != 0) && !begin_package(collector, row)) {
        return false;
    }
    const char *version = collector->release.version;
    if ((!version || strcmp(version, row->release.version) != 0) &&
        !begin_release(collector, row)) {
        return false;
    }
    return !row->entry.name || add_entry(collector, row);
}

// Rows come sorted by package and release, so that a package is whole when the next one begins. An empty group
// still gives one row, for the point.
static enum status collect(struct db_rows *rows, struct collector *collector,
                           struct history_point *ret_point, struct error *err) {
    for (;;) {
        struct candidate_row row;
        enum status status = db_rows_next(rows, &row, err);
        if (status || !rows->found) {
            return status;
        }
        *ret_point = row.point;
        if (row.package_id && !add_row(collector, &row)) {
            return fail_no_memory(err);
        }
    }
}

// The point comes with every row, so it is of the same snapshot as the packages.
static enum status read_packages(struct db *db, const struct db_call *call, struct arena *arena,
                                 struct candidates *candidates, struct error *err) {
    scoped(db_rows_done) struct db_rows rows = {.columns = &columns};
    enum status status = db_run(db, call, &rows, err);
    if (status) {
        return status;
    }
    scoped(collector_done) struct collector collector;
    collector_init(&collector, arena);
    status = collect(&rows, &collector, &candidates->point, err);
    if (status) {
        return status;
    }
    bool ended = end_package(&collector);
    candidates->packages =
        settle(&collector, &collector.packages, sizeof *candidates->packages, &candidates->count);
    return ended && candidates->packages ? STATUS_OK : fail_no_memory(err);
}

// The packages of a page, of which there is one more when others follow.
static enum status read_ids(struct db *db, struct arena *arena, const struct candidate_query *query,
                            struct store_list *ids, struct error *err) {
    static const struct db_column id_columns[] = {{"package_id", DB_COLUMN_INT64, 0, 0}};
    static const struct db_columns id_column = {id_columns, 1};
    struct db_value limit = db_int64(PAGE_PACKAGES + 1);
    struct db_call of_all = {
        SQL_PACKAGE_IDS,
        .values = {[PACKAGE_IDS_AFTER] = db_int64(query->after), [PACKAGE_IDS_ROW_LIMIT] = limit}};
    struct db_call of_group = {SQL_PACKAGE_IDS_OF_GROUP,
                               .values = {
                                   [PACKAGE_IDS_OF_GROUP_GROUP_NAME] = db_text(query->group),
                                   [PACKAGE_IDS_OF_GROUP_AFTER] = db_int64(query->after),
                                   [PACKAGE_IDS_OF_GROUP_ROW_LIMIT] = limit,
                               }};
    const struct db_call *call = *query->group ? &of_group : &of_all;
    struct store_query wanted = {.call = call, .columns = &id_column, .arena = arena};
    ids->item_size = sizeof(int64_t);
    return store_run_many_on(db, &wanted, ids, err);
}

// Both statements read one state of the database: a package that comes between them is in both or in
// neither.
static enum status read_page(struct db *db, struct arena *arena,
                             const struct candidate_query *query, struct candidates *candidates,
                             struct error *err) {
    struct store_list ids = {0};
    enum status status = store_begin_snapshot(db, err);
    if (status) {
        return status;
    }
    status = read_ids(db, arena, query, &ids, err);
    if (status) {
        return status;
    }
    const int64_t *items = ids.items;
    if (ids.count > PAGE_PACKAGES) {
        ids.count = PAGE_PACKAGES;
        candidates->last = items[PAGE_PACKAGES - 1];
    }
    struct db_call call = {
        SQL_CANDIDATES_OF_PACKAGES,
        .values = {[CANDIDATES_OF_PACKAGES_PACKAGE_IDS] = db_int64_list(items, ids.count)}};
    status = read_packages(db, &call, arena, candidates, err);
    return status ? status : db_run(db, &(struct db_call){SQL_TRANSACTION_END}, NULL, err);
}

enum status store_candidates_load(struct store *store, struct arena *arena,
                                  const struct candidate_query *query,
                                  struct candidates *ret_candidates, struct error *err) {
    scoped(store_read_end) struct store_read read = {.store = store};
    struct db_call one = {SQL_CANDIDATES_OF_PACKAGE,
                          .values = {[CANDIDATES_OF_PACKAGE_PACKAGE] = db_text(query->package)}};
    struct db_call some = {SQL_CANDIDATES_OF_NAMES,
                           .values = {[CANDIDATES_OF_NAMES_NAMES] =
                                          db_string_list(query->names.items, query->names.count)}};
    const struct db_call *named = query->package ? &one : query->names.count ? &some : NULL;
    while (store_read_next(&read, err)) {
        struct candidates candidates = {0};
        read.status = named ? read_packages(read.loan.db, named, arena, &candidates, err)
                            : read_page(read.loan.db, arena, query, &candidates, err);
        if (!read.status) {
            *ret_candidates = candidates;
        }
    }
    return read.status;
}

// Of a contract only what decides between two packages with one name.
struct conflict_row {
    const char *group;
    const char *conflict;
    const char *priority; // one a line
    const char *owner;
    const char *settings_schema;
    const char *deprecated;
    const char *successor;
    const char *deprecated_at;
    const char *deprecated_by;
};

#define AT(member) offsetof(struct conflict_row, member)
static const struct db_column conflict_columns[] = {
    {"group_name", DB_COLUMN_TEXT, AT(group), 0},
    {"conflict", DB_COLUMN_TEXT, AT(conflict), 0},
    {"priority", DB_COLUMN_TEXT, AT(priority), 0},
    {"owner", DB_COLUMN_TEXT, AT(owner), 0},
    {"settings_schema", DB_COLUMN_TEXT, AT(settings_schema), 0},
    {"deprecated", DB_COLUMN_TEXT, AT(deprecated), 0},
    {"successor", DB_COLUMN_TEXT, AT(successor), 0},
    {"deprecated_at", DB_COLUMN_TEXT, AT(deprecated_at), 0},
    {"deprecated_by", DB_COLUMN_TEXT, AT(deprecated_by), 0},
};
#undef AT

enum status store_conflicts_load(struct store *store, struct arena *arena,
                                 struct conflict_rows *ret_rows, struct error *err) {
    static const struct db_columns of_conflict = {conflict_columns, sizeof conflict_columns /
                                                                        sizeof *conflict_columns};
    struct db_call call = {SQL_GROUP_CONFLICTS};
    struct store_query query = {.call = &call, .columns = &of_conflict, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct conflict_row)};
    enum status status = store_run_many(store, &query, &list, err);
    if (status) {
        return status;
    }
    struct group_contract *items = arena_array(arena, list.count + 1, sizeof *items);
    for (size_t i = 0; items && i < list.count; i++) {
        const struct conflict_row *row = (const struct conflict_row *)list.items + i;
        items[i] = group_contract_default(row->group);
        items[i].owner = row->owner;
        items[i].settings_schema = row->settings_schema;
        items[i].deprecated = row->deprecated;
        items[i].successor = row->successor;
        items[i].deprecated_at = row->deprecated_at;
        items[i].deprecated_by = row->deprecated_by;
        if (!contract_conflict_find(row->conflict, &items[i].conflict)) {
            return fail(err, STATUS_INTERNAL, NULL, "The contract of %s cannot be read",
                        row->group);
        }
        if (!store_split_lines(arena, row->priority, &items[i].priority)) {
            return fail_no_memory(err);
        }
    }
    if (!items) {
        return fail_no_memory(err);
    }
    *ret_rows = (struct conflict_rows){items, list.count};
    return STATUS_OK;
}

#define AT(member) offsetof(struct hold, member)
static const struct db_column hold_columns[] = {
    {"is_group", DB_COLUMN_BOOL, AT(is_group), 0},
    {"name", DB_COLUMN_TEXT, AT(name), 0},
    {"after_release", DB_COLUMN_INT64, AT(after_release), 0},
    {"reason", DB_COLUMN_TEXT, AT(reason), 0},
    {"held_at", DB_COLUMN_TEXT, AT(held_at), 0},
    {"held_by", DB_COLUMN_TEXT, AT(held_by), 0},
};
#undef AT

enum status store_holds_load(struct store *store, struct arena *arena, struct hold_rows *ret_rows,
                             struct error *err) {
    static const struct db_columns of_hold = {hold_columns, COUNT_OF(hold_columns)};
    struct db_call call = {SQL_HOLDS_PAGE};
    struct store_query query = {.call = &call, .columns = &of_hold, .arena = arena};
    struct store_list list = {.item_size = sizeof(struct hold)};
    enum status status = store_run_many(store, &query, &list, err);
    if (status) {
        return status;
    }
    *ret_rows = (struct hold_rows){list.items, list.count};
    return STATUS_OK;
}
