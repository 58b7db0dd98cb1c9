// SPDX-License-Identifier: MIT
// Reading what a resolution chooses from. A group may hold a hundred thousand releases, so rows are
// streamed, and a text that equals the one above it (package, requires_python, value, manifest mostly
// do) is kept once. Rows come sorted by package, newest release first, entry name.
#include "registryd/store/store_handle.h"

#include "schema/base/cleanup.h"

#include <string.h>

struct candidate_row {
    struct history_point point;
    const char *package; // NULL: there are none
    const char *display_name;
    const char *status;
    const char *version;
    bool prerelease;
    bool yanked;
    const char *requires_python;
    const char *entry_name; // NULL: not in the group
    const char *entry_value;
    const char *entry_manifest;
};

#define AT(member) offsetof(struct candidate_row, member)
static const struct db_column row_columns[] = {
    {"epoch", DB_COLUMN_CHARS, AT(point.epoch), EPOCH_SIZE},
    {"serial", DB_COLUMN_INT64, AT(point.serial), 0},
    {"package", DB_COLUMN_BORROWED, AT(package), 0},
    {"display_name", DB_COLUMN_BORROWED, AT(display_name), 0},
    {"status", DB_COLUMN_BORROWED, AT(status), 0},
    {"version", DB_COLUMN_BORROWED, AT(version), 0},
    {"prerelease", DB_COLUMN_BOOL, AT(prerelease), 0},
    {"yanked", DB_COLUMN_BOOL, AT(yanked), 0},
    {"requires_python", DB_COLUMN_BORROWED, AT(requires_python), 0},
    {"entry_name", DB_COLUMN_BORROWED, AT(entry_name), 0},
    {"entry_value", DB_COLUMN_BORROWED, AT(entry_value), 0},
    {"entry_manifest", DB_COLUMN_BORROWED, AT(entry_manifest), 0},
};
#undef AT
static const struct db_columns columns = {row_columns, sizeof row_columns / sizeof *row_columns};

enum { SCRATCH_BYTES_MAX = 1024 * 1024 * 1024 };

// The lists under construction: packages, the releases of the last package, the entries of its last
// release. Finished lists are copied into the arena at their exact size.
struct collector {
    struct arena *arena;
    struct buffer packages;
    struct buffer releases;
    struct buffer entries;
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

static bool begin_package(struct collector *collector, const struct candidate_row *row) {
    if (!end_package(collector)) {
        return false;
    }
    struct candidate_package *package = &collector->package;
    package->name = arena_strdup(collector->arena, row->package);
    package->display_name = share(collector, row->display_name, package->name);
    package->status = arena_strdup(collector->arena, row->status);
    return package->name && package->display_name && package->status;
}

static bool begin_release(struct collector *collector, const struct candidate_row *row) {
    if (!end_release(collector)) {
        return false;
    }
    struct candidate_release *release = &collector->release;
    release->version = arena_strdup(collector->arena, row->version);
    release->prerelease = row->prerelease;
    release->yanked = row->yanked;
    release->requires_python =
        share(collector, row->requires_python, collector->before.requires_python);
    return release->version && !release->requires_python == !row->requires_python;
}

static bool add_entry(struct collector *collector, const struct candidate_row *row) {
    size_t at = collector->entries.len / sizeof(struct candidate_entry);
    struct candidate_entry known = {0};
    if (at < collector->before.entry_count) {
        known = collector->before.entries[at];
    }
    struct candidate_entry entry = {
        .name = share(collector, row->entry_name, known.name),
        .value = share(collector, row->entry_value, known.value),
        .manifest = share(collector, row->entry_manifest, known.manifest),
    };
    buffer_add(&collector->entries, &entry, sizeof entry);
    return entry.name && entry.value && !entry.manifest == !row->entry_manifest;
}

static bool add_row(struct collector *collector, const struct candidate_row *row) {
    const char *package = collector->package.name;
    if ((!package || strcmp(package, row->package) != 0) && !begin_package(collector, row)) {
        return false;
    }
    const char *version = collector->release.version;
    if ((!version || strcmp(version, row->version) != 0) && !begin_release(collector, row)) {
        return false;
    }
    return !row->entry_name || add_entry(collector, row);
}

static enum status collect(struct db_rows *rows, struct collector *collector,
                           struct history_point *ret_point, struct error *err) {
    for (;;) {
        struct candidate_row row;
        enum status status = db_rows_next(rows, &row, err);
        if (status || !rows->found) {
            return status;
        }
        *ret_point = row.point;
        if (row.package && !add_row(collector, &row)) {
            return fail_no_memory(err);
        }
    }
}

enum status store_candidates_load(struct store *store, struct arena *arena, const char *group,
                                  const char *package, struct candidates *ret_candidates,
                                  struct error *err) {
    struct db_call of_group = {SQL_CANDIDATES_OF_GROUP, {db_text(group)}};
    struct db_call of_package = {SQL_CANDIDATES_OF_PACKAGE, {db_text(group), db_text(package)}};
    scoped(db_pool_end) struct db_loan loan = {0};
    enum status status = db_pool_begin(store->pool, &loan, err);
    if (status) {
        return status;
    }
    scoped(db_rows_done) struct db_rows rows = {.columns = &columns};
    status = db_run(loan.db, package ? &of_package : &of_group, &rows, err);
    if (status) {
        return status;
    }
    scoped(collector_done) struct collector collector;
    collector_init(&collector, arena);
    struct candidates candidates = {0};
    status = collect(&rows, &collector, &candidates.point, err);
    if (status) {
        return status;
    }
    bool ended = end_package(&collector);
    candidates.packages =
        settle(&collector, &collector.packages, sizeof *candidates.packages, &candidates.count);
    if (!ended || !candidates.packages) {
        return fail_no_memory(err);
    }
    *ret_candidates = candidates;
    return STATUS_OK;
}
