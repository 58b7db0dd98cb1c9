// SPDX-License-Identifier: MIT
// Records first, then what was left out; a page is a span of the two together. A cursor says where the
// page before ended, by names: what changes in between moves no other item to another page.
#include "registryd/resolver/selection_make.h"

#include "registryd/resolver/decisions.h"
#include "registryd/resolver/frozen.h"
#include "registryd/resolver/frozen_decisions.h"
#include "registryd/resolver/matches.h"
#include "registryd/resolver/missing.h"
#include "registryd/resolver/select.h"
#include "schema/base/list.h"

#include <stdlib.h>
#include <string.h>

enum { CURSOR_PARTS = 4 };

// A cursor read: "records", group, name, package; or "excluded", package, version, nothing; a line each.
struct slot {
    bool is_in_excluded;
    const char *parts[CURSOR_PARTS];
};

static enum status read_cursor(struct arena *arena, const char *cursor, struct slot *ret_place,
                               struct error *err) {
    struct slot place = {0};
    struct text rest = text_from(cursor);
    struct text line;
    size_t count = 0;
    while (count < CURSOR_PARTS && text_split(&rest, '\n', &line)) {
        place.parts[count] = arena_copy(arena, line.ptr, line.len);
        if (!place.parts[count++]) {
            return fail_no_memory(err);
        }
    }
    place.is_in_excluded = count == 3 && strcmp(place.parts[0], "excluded") == 0;
    bool is_in_records = count == CURSOR_PARTS && strcmp(place.parts[0], "records") == 0;
    if ((cursor && !place.is_in_excluded && !is_in_records) || rest.len) {
        return fail(err, STATUS_USAGE, "?cursor", "The cursor is invalid. Start again without it");
    }
    *ret_place = place;
    return STATUS_OK;
}

// A selection under way.
struct maker {
    const struct selection_sources *sources;
    struct facts facts;
    struct matches matches; // by the rules, or
    struct frozen frozen;   // from the lock
    struct requires requires;
    struct slot place;
    struct narrowing narrowing;
    struct selection selection;
};

// SIZE_MAX: the query has no limit. Records and exclusions share the room of one page.
static size_t room_left(const struct maker *maker) {
    size_t used = maker->selection.records.count + maker->selection.excluded.count;
    int limit = maker->sources->query->limit;
    return limit ? (size_t)limit - used : SIZE_MAX;
}

// ---- records ----

static enum status collect(struct maker *maker, struct error *err) {
    const struct selection_sources *sources = maker->sources;
    return sources->lock ? frozen_collect(maker->facts.arena, sources->lock, sources->tables,
                                          sources->table_count, &maker->frozen, err)
                         : matches_collect(&maker->requires, &maker->matches, err);
}

// Where the page begins.
static size_t seek(const struct maker *maker) {
    const char *const *parts = maker->place.parts;
    if (!parts[0]) {
        return 0;
    }
    return maker->sources->lock ? frozen_seek(&maker->frozen, parts[1], parts[2], parts[3])
                                : matches_seek(&maker->matches, parts[1], parts[2], parts[3]);
}

static bool fill(struct maker *maker, size_t at, struct record *record) {
    return maker->sources->lock ? frozen_fill(&maker->frozen, at, &maker->facts, record)
                                : matches_fill(&maker->matches, at, &maker->requires,
                                               maker->sources->contracts, record);
}

static int compare_selected(const void *a, const void *b) {
    return strcmp(((const struct selected_release *)a)->package,
                  ((const struct selected_release *)b)->package);
}

// Whatever the page shows: the other package may be on another one.
static bool fill_may_share(struct maker *maker) {
    const struct matches *matches = &maker->matches;
    bool may_share = false;
    for (size_t i = 0; i < matches->count && !may_share; i++) {
        may_share = matches->items[i].package->shares_paths;
    }
    struct selected_release *items =
        may_share ? arena_array(maker->facts.arena, matches->count, sizeof *items) : NULL;
    for (size_t i = 0; items && i < matches->count; i++) {
        items[i] = (struct selected_release){matches->items[i].package->name,
                                             matches->items[i].release->version};
    }
    size_t count = 0;
    if (items) {
        qsort(items, matches->count, sizeof *items, compare_selected);
    }
    for (size_t i = 0; items && i < matches->count; i++) {
        if (!count || compare_selected(&items[count - 1], &items[i]) != 0) {
            items[count++] = items[i];
        }
    }
    maker->selection.may_share = (struct selected_list){items, count};
    return items || !may_share;
}

static bool add_misfit(struct maker *maker, const char *file, size_t *capacity) {
    struct strings *misfits = &maker->selection.misfits;
    const char **grown = list_grow(maker->facts.arena, misfits->items, misfits->count, capacity,
                                   sizeof *misfits->items);
    if (grown) {
        misfits->items = grown;
        grown[misfits->count++] = file;
    }
    return grown;
}

// What lists files for an installer leaves these out. Few releases have files that differ; a frozen environment keeps
// what its lock has.
static bool add_misfits(struct maker *maker, size_t at, size_t *capacity) {
    const struct package_release *release =
        maker->sources->lock ? NULL : maker->matches.items[at].release;
    uint16_t count = release && release->terms_count > 1 ? release->terms_count : 0;
    bool is_good = true;
    for (uint16_t i = 0; i < count; i++) {
        const struct release_terms *terms = &release->terms[i];
        bool fits = facts_fit_terms(&maker->facts, terms) ||
                    terms == facts_terms_of(&maker->facts, release);
        is_good = is_good && (fits || add_misfit(maker, terms->file, capacity));
    }
    return is_good;
}

static bool is_shown(const struct maker *maker, size_t at) {
    if (!narrowing_is_asked(&maker->narrowing)) {
        return true;
    }
    const struct record *record = maker->sources->lock ? maker->frozen.items[at] : NULL;
    const struct hit *hit = record ? NULL : &maker->matches.items[at];
    return record ? narrowing_has_entry(&maker->narrowing, record->group, record->name,
                                        record->package)
                  : narrowing_has_entry(&maker->narrowing, hit->entry->group, hit->entry->name,
                                        hit->package->name);
}

static size_t next_shown(const struct maker *maker, size_t at, size_t count) {
    while (at < count && !is_shown(maker, at)) {
        at++;
    }
    return at;
}

static bool fill_records(struct maker *maker) {
    size_t count = maker->sources->lock ? maker->frozen.count : maker->matches.count;
    size_t at = next_shown(maker, seek(maker), count);
    size_t capacity = 0;
    struct records *records = &maker->selection.records;
    for (; at < count && room_left(maker); at = next_shown(maker, at + 1, count)) {
        struct record *record = records_add(maker->facts.arena, records);
        if (!record || !fill(maker, at, record) || !add_misfits(maker, at, &capacity)) {
            return false;
        }
    }
    if (!fill_may_share(maker)) {
        return false;
    }
    if (at < count) {
        const struct record *last = &records->items[records->count - 1];
        maker->selection.next = arena_printf(maker->facts.arena, "records\n%s\n%s\n%s", last->group,
                                             last->name, last->package);
        return maker->selection.next;
    }
    return true;
}

// ---- what was left out ----

// The tables merged: every package once, by name.
struct merge {
    struct group_cursor *cursors;
    const struct package **heads;
    size_t count;
};

static bool begin_merge(struct merge *merge, const struct maker *maker, const char *name) {
    size_t count = maker->sources->table_count;
    struct arena *arena = maker->facts.arena;
    merge->count = count;
    merge->cursors = arena_array(arena, count, sizeof *merge->cursors);
    merge->heads = arena_array(arena, count, sizeof(struct package *));
    for (size_t i = 0; merge->cursors && merge->heads && i < count; i++) {
        merge->cursors[i] = group_table_seek(maker->sources->tables[i], name);
        merge->heads[i] = group_cursor_next(&merge->cursors[i]);
    }
    return merge->cursors && merge->heads;
}

// Looks at every head, since a query names a few groups. All heads of that name move on together: a
// package in several groups comes once.
static const struct package *next_merged(struct merge *merge) {
    const struct package *least = NULL;
    for (size_t i = 0; i < merge->count; i++) {
        const struct package *head = merge->heads[i];
        least = head && (!least || strcmp(head->name, least->name) < 0) ? head : least;
    }
    for (size_t i = 0; least && i < merge->count; i++) {
        if (merge->heads[i] && strcmp(merge->heads[i]->name, least->name) == 0) {
            merge->heads[i] = group_cursor_next(&merge->cursors[i]);
        }
    }
    return least;
}

static bool has_groups(const struct maker *maker, const struct package_release *release) {
    const struct selection_sources *sources = maker->sources;
    for (uint32_t i = 0; release && i < release->entry_count; i++) {
        for (size_t j = 0; j < sources->table_count; j++) {
            const char *group = sources->tables[j]->group;
            if (!*group || strcmp(group, release->entries[i].group) == 0) {
                return true;
            }
        }
    }
    return false;
}

// Behind which of its releases the page before ended; SIZE_MAX when that was not in this package.
static size_t release_before(const struct slot *place, const struct package *package) {
    if (place->is_in_excluded && strcmp(place->parts[1], package->name) == 0) {
        for (uint32_t i = 0; i < package->release_count; i++) {
            if (strcmp(package->releases[i].version, place->parts[2]) == 0) {
                return i;
            }
        }
    }
    return SIZE_MAX;
}

static enum status add_package(struct maker *maker, const struct package *package) {
    struct exclusions *excluded = &maker->selection.excluded;
    size_t room = room_left(maker);
    struct select_span span = {
        .after = release_before(&maker->place, package),
        // The limit counts the exclusions of earlier packages too, so they are added to the room.
        .limit = room == SIZE_MAX ? 0 : excluded->count + room,
    };
    if (maker->sources->lock) {
        return frozen_exclusions(&maker->facts, maker->sources->lock, package, &span, excluded,
                                 NULL);
    }
    span.has_groups = has_groups(maker, requires_choose(&maker->requires, package));
    return select_exclusions(&maker->requires, package, &span, excluded, NULL);
}

// The page is full: there is a next one, which may turn out to be empty.
static bool end_page(struct maker *maker) {
    const struct exclusions *excluded = &maker->selection.excluded;
    const struct exclusion *last = excluded->count ? &excluded->items[excluded->count - 1] : NULL;
    maker->selection.next = arena_printf(maker->facts.arena, "excluded\n%s\n%s",
                                         last ? last->package : "-", last ? last->version : "-");
    return maker->selection.next;
}

static bool fill_excluded(struct maker *maker) {
    struct merge merge;
    const char *begin = maker->place.is_in_excluded ? maker->place.parts[1] : "";
    if (!begin_merge(&merge, maker, begin)) {
        return false;
    }
    const struct package *package = next_merged(&merge);
    for (; package && room_left(maker); package = next_merged(&merge)) {
        if (narrowing_has_package(&maker->narrowing, package) && add_package(maker, package)) {
            return false;
        }
    }
    return room_left(maker) || end_page(maker);
}

// ---- what is missing ----

static const struct package *find_package(const struct maker *maker, const char *name) {
    const struct package *found = NULL;
    for (size_t i = 0; i < maker->sources->table_count && !found; i++) {
        found = group_table_find(maker->sources->tables[i], name);
    }
    return found;
}

// A package that is in none of the groups asked for is not missing there; in the answer of all groups it is.
static bool explain_missing(struct maker *maker, struct missing_list *list) {
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct package *package = find_package(maker, list->items[i].package);
        // The exclusions of this package are collected in an empty list, read for a reason, and
        // dropped.
        struct exclusions before = maker->selection.excluded;
        maker->selection.excluded = (struct exclusions){0};
        if (package && add_package(maker, package)) {
            return false;
        }
        missing_explain(&list->items[i], &maker->selection.excluded);
        maker->selection.excluded = before;
        if (package || !maker->sources->query->group_count) {
            list->items[kept++] = list->items[i];
        }
    }
    list->count = kept;
    return true;
}

static enum status fill_missing(struct maker *maker, struct error *err) {
    struct missing_list list;
    const struct missing_query query = {maker->sources->environment, &maker->selection.records,
                                        maker->frozen.withheld, maker->frozen.withheld_count};
    enum status status = missing_find(maker->facts.arena, &query, &list, err);
    if (status) {
        return status;
    }
    if (!explain_missing(maker, &list)) {
        return fail_no_memory(err);
    }
    maker->selection.missing = list;
    return STATUS_OK;
}

// ---- decisions ----

// The records of a lock as hits, so that decisions about them are made like those of any answer.
static bool match_frozen(struct maker *maker, struct matches *ret_matches) {
    const struct frozen *frozen = &maker->frozen;
    struct arena *arena = maker->facts.arena;
    struct hit *hits = arena_array(arena, frozen->count + 1, sizeof *hits);
    struct candidate_entry *entries = arena_array(arena, frozen->count + 1, sizeof *entries);
    size_t count = 0;
    for (size_t i = 0; hits && entries && i < frozen->count; i++) {
        const struct record *record = frozen->items[i];
        entries[i] = (struct candidate_entry){.group = record->group, .name = record->name};
        const struct package *package = find_package(maker, record->package);
        if (package) {
            hits[count++] = (struct hit){.entry = &entries[i], .package = package};
        }
    }
    *ret_matches = (struct matches){.items = hits, .count = count};
    return hits && entries;
}

static enum status decide(struct maker *maker, struct error *err) {
    const struct selection_sources *sources = maker->sources;
    struct matches matches = maker->matches;
    struct decisions present = {0};
    if (sources->lock && !match_frozen(maker, &matches)) {
        return fail_no_memory(err);
    }
    enum status status = decisions_make(&maker->facts, sources, &matches, &present, err);
    if (status) {
        return status;
    }
    maker->selection.decisions = present;
    const struct frozen_decisions_query query = {sources->lock, sources->tables,
                                                 sources->table_count, &present};
    status = sources->lock ? frozen_decisions_make(maker->facts.arena, &query,
                                                   &maker->selection.decisions, err)
                           : STATUS_OK;
    if (status) {
        return status;
    }
    narrowing_cut_decisions(&maker->narrowing, &maker->selection.decisions);
    return narrowing_is_asked(&maker->narrowing)
               ? narrowing_find_unknown(&maker->narrowing, &maker->selection.unknown, err)
               : STATUS_OK;
}

static enum status make(struct maker *maker, struct error *err) {
    const struct selection_sources *sources = maker->sources;
    struct facts *facts = &maker->facts;
    facts->contracts = sources->contracts;
    maker->narrowing =
        (struct narrowing){.arena = facts->arena,
                           .query = sources->query,
                           .tables = sources->tables,
                           .table_count = sources->table_count,
                           .contracts = sources->contracts,
                           .locked = sources->lock ? &sources->lock->records : NULL,
                           .decided = sources->lock ? &sources->lock->decisions : NULL};
    requires_init(&maker->requires, facts, sources->tables, sources->table_count, sources->further);
    // A page that begins among the exclusions is behind all records, so none are made.
    if (!maker->place.is_in_excluded) {
        enum status status = collect(maker, err);
        if (status || !fill_records(maker)) {
            return fail_no_memory(err);
        }
    }
    if (sources->query->decides && !sources->query->cursor) {
        enum status status = decide(maker, err);
        if (status) {
            return status;
        }
    }
    bool is_done = maker->selection.next || !sources->query->explain;
    if ((!is_done && !fill_excluded(maker)) || facts->no_memory) {
        return fail_no_memory(err);
    }
    enum status status = sources->query->wants_missing ? fill_missing(maker, err) : STATUS_OK;
    if (status) {
        return status;
    }
    maker->selection.expires_ms = facts->expires_ms;
    maker->selection.unloaded = maker->requires.missing;
    maker->selection.looked_further = maker->requires.looked_further;
    maker->selection.tags = facts->tags;
    maker->selection.tag_count = facts->tag_count;
    return STATUS_OK;
}

// A frozen environment answers by its own facts alone; the question may only repeat them.
static enum status init_facts(struct maker *maker, struct arena *arena, struct error *err) {
    const struct selection_sources *sources = maker->sources;
    const struct resolve_query bare = {.with_settings = sources->query->with_settings,
                                       .secrets = sources->query->secrets};
    enum status status = sources->lock
                             ? frozen_check_query(arena, sources->query, sources->environment, err)
                             : STATUS_OK;
    if (status) {
        return status;
    }
    status = facts_init(&maker->facts, arena, sources->lock ? &bare : sources->query,
                        sources->environment, sources->now_ms, err);
    maker->facts.ignored = sources->ignored;
    return status;
}

enum status selection_make(struct arena *arena, const struct selection_sources *sources,
                           struct selection *ret_selection, struct error *err) {
    struct maker *maker = arena_alloc(arena, sizeof *maker);
    if (!maker) {
        return fail_no_memory(err);
    }
    *maker = (struct maker){.sources = sources};
    maker->selection.environment = sources->environment->name;
    maker->selection.revision = sources->environment->revision;
    maker->selection.lock = sources->lock;
    maker->selection.is_listed_only = sources->environment->is_listed_only;
    maker->selection.max_snapshot_age_seconds = sources->environment->max_snapshot_age_seconds;
    maker->selection.made_ms = sources->now_ms;
    enum status status = init_facts(maker, arena, err);
    if (status) {
        return status;
    }
    status = read_cursor(arena, sources->query->cursor, &maker->place, err);
    if (status) {
        return status;
    }
    status = make(maker, err);
    if (status) {
        return status;
    }
    *ret_selection = maker->selection;
    return STATUS_OK;
}

static bool own(struct arena *arena, const char **text) {
    const char *copy = arena_strdup(arena, *text);
    bool is_good = copy || !*text;
    *text = copy;
    return is_good;
}

static bool own_record(struct arena *arena, struct record *record) {
    const char **texts[] = {&record->group,    &record->name,     &record->value,
                            &record->package,  &record->version,  &record->origin,
                            &record->manifest, &record->settings, &record->shadowed_by};
    bool is_good = true;
    for (size_t i = 0; i < COUNT_OF(texts) && is_good; i++) {
        is_good = own(arena, texts[i]);
    }
    return is_good;
}

static bool own_decision(struct arena *arena, struct decision *decision) {
    const char **texts[] = {&decision->group,    &decision->package, &decision->name,
                            &decision->version,  &decision->message, &decision->since,
                            &decision->by,       &decision->pin,     &decision->settings,
                            &decision->successor};
    bool is_good = true;
    for (size_t i = 0; i < COUNT_OF(texts) && is_good; i++) {
        is_good = own(arena, texts[i]);
    }
    return is_good;
}

bool selection_own(struct arena *arena, struct selection *selection) {
    const char **tags = arena_array(arena, selection->tag_count + 1, sizeof *tags);
    bool is_good = own(arena, &selection->environment) && tags;
    if (selection->lock && is_good) {
        selection->lock = lock_copy(arena, selection->lock);
        is_good = selection->lock;
    }
    for (size_t i = 0; i < selection->tag_count && is_good; i++) {
        tags[i] = arena_strdup(arena, selection->tags[i]);
        is_good = tags[i];
    }
    selection->tags = tags;
    for (size_t i = 0; i < selection->misfits.count && is_good; i++) {
        is_good = own(arena, &selection->misfits.items[i]);
    }
    for (size_t i = 0; i < selection->records.count && is_good; i++) {
        is_good = own_record(arena, &selection->records.items[i]);
    }
    for (size_t i = 0; i < selection->decisions.count && is_good; i++) {
        is_good = own_decision(arena, &selection->decisions.items[i]);
    }
    for (size_t i = 0; i < selection->excluded.count && is_good; i++) {
        struct exclusion *item = &selection->excluded.items[i];
        is_good = own(arena, &item->package) && own(arena, &item->version) &&
                  own(arena, &item->detail) && own(arena, &item->eligible_at);
    }
    for (size_t i = 0; i < selection->unknown.count && is_good; i++) {
        struct unknown *item = &selection->unknown.items[i];
        is_good = own(arena, &item->text) && own(arena, &item->nearest);
    }
    for (size_t i = 0; i < selection->missing.count && is_good; i++) {
        struct missing *item = &selection->missing.items[i];
        is_good = own(arena, &item->package) && own(arena, &item->detail);
    }
    return is_good;
}
