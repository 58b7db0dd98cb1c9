// SPDX-License-Identifier: MIT
// One pass over the packages of the tables. Most packages are active, none of their releases is marked, and
// the environment says nothing about them: they cost a look at two pointers and one in a hash table. For the
// others each code has a function that adds its rows, a row for every name that the package ever had in the
// group: a directory may hold any of its versions.
#include "registryd/resolver/decisions.h"
#include "registryd/rules/entry_rules.h"
#include "registryd/resolver/filled_settings.h"

#include "registryd/resolver/decision_claims.h"
#include "registryd/rules/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// Which packages give a record in which group: a hash table of hits, at most half full.
struct given {
    const struct hit **slots;
    size_t mask;
};

// Rows under way.
struct deciding {
    struct arena *arena;
    struct facts *facts;
    const struct selection_sources *sources;
    struct given given;
    struct decisions decisions;
    bool has_owners_rules; // about single entry points
    bool no_memory;
};

// A package in one group.
struct judged {
    const struct package *package;
    const char *group;
    const struct environment_plugin *plugin; // NULL = nothing is decided
    struct strings names;                    // of all its releases, sorted
    bool is_withheld;                        // a row withholds the package, or one version of it
};

// ---- what was given ----

// FNV-1a, with the upper bits mixed in at the end, because `mask` keeps the lower ones. Two texts
// are hashed one after the other, so the result of the first begins the second.
static size_t hash_text(size_t hash, const char *text) {
    for (const char *c = text; *c; c++) {
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    }
    return hash ^ hash >> 29;
}

// By name: two tables may hold two copies of one package.
static const struct hit **find_slot(const struct given *given, const struct package *package,
                                    const char *group) {
    size_t at = hash_text(hash_text(14695981039346656037u, package->name), group) & given->mask;
    while (given->slots[at] && (strcmp(given->slots[at]->package->name, package->name) != 0 ||
                                strcmp(given->slots[at]->entry->group, group) != 0)) {
        at = (at + 1) & given->mask;
    }
    return &given->slots[at];
}

static bool note_given(struct arena *arena, const struct matches *matches, struct given *given) {
    size_t capacity = 16;
    while (capacity < 2 * matches->count) {
        capacity *= 2;
    }
    given->mask = capacity - 1;
    given->slots = arena_array(arena, capacity, sizeof(const struct hit *));
    for (size_t i = 0; given->slots && i < matches->count; i++) {
        const struct hit *hit = &matches->items[i];
        *find_slot(given, hit->package, hit->entry->group) = hit;
    }
    return given->slots;
}

// ---- texts ----

// RFC 3339 with milliseconds, as the database writes it. NULL = unknown.
static const char *tell_time(struct deciding *deciding, int64_t unix_ms) {
    char text[32];
    struct tm parts;
    time_t seconds = (time_t)(unix_ms / 1000);
    if (!unix_ms || !gmtime_r(&seconds, &parts)) {
        return NULL;
    }
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    const char *copy = arena_printf(deciding->arena, "%s.%03dZ", text, (int)(unix_ms % 1000));
    deciding->no_memory = deciding->no_memory || !copy;
    return copy;
}

static const char *keep(struct deciding *deciding, const char *text) {
    deciding->no_memory = deciding->no_memory || !text;
    return text;
}

static const char *with_reason(struct deciding *deciding, const char *what, const char *reason) {
    bool has_reason = reason && *reason;
    return keep(deciding, arena_printf(deciding->arena, "%s%s%s", what, has_reason ? ": " : "",
                                       has_reason ? reason : ""));
}

static const char *environment_of(const struct deciding *deciding) {
    const char *name = deciding->sources->environment->name;
    return name ? name : ENVIRONMENT_DEFAULT;
}

// ---- names of a package in a group ----

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Packing shares equal lists of neighbouring releases (tables/package_pack.c), so comparing
// pointers is enough.
static bool repeats_entries(const struct package *package, uint32_t release) {
    return release > 0 &&
           package->releases[release].entries == package->releases[release - 1].entries;
}

// Appends the names of a release in the group; `items` has room.
static void add_names(const struct package_release *release, const char *group,
                      struct strings *names) {
    for (uint32_t i = 0; i < release->entry_count; i++) {
        if (strcmp(release->entries[i].group, group) == 0) {
            names->items[names->count++] = release->entries[i].name;
        }
    }
}

static void sort_names(struct strings *names) {
    size_t kept = 0;
    if (names->count) {
        qsort(names->items, names->count, sizeof *names->items, compare_names);
    }
    for (size_t i = 0; i < names->count; i++) {
        if (!kept || strcmp(names->items[kept - 1], names->items[i]) != 0) {
            names->items[kept++] = names->items[i];
        }
    }
    names->count = kept;
}

static void gather_names(struct deciding *deciding, struct judged *judged) {
    const struct package *package = judged->package;
    size_t room = 0;
    for (uint32_t i = 0; i < package->release_count; i++) {
        room += repeats_entries(package, i) ? 0 : package->releases[i].entry_count;
    }
    judged->names.items = arena_array(deciding->arena, room + 1, sizeof *judged->names.items);
    if (!judged->names.items) {
        deciding->no_memory = true;
        return;
    }
    for (uint32_t i = 0; i < package->release_count; i++) {
        if (!repeats_entries(package, i)) {
            add_names(&package->releases[i], judged->group, &judged->names);
        }
    }
    sort_names(&judged->names);
}

// ---- rows ----

// A row of `row` with the name; group and package are those of `judged`.
static void add_row(struct deciding *deciding, const struct judged *judged, const char *name,
                    const struct decision *row) {
    struct decision *decision = decisions_add(deciding->arena, &deciding->decisions);
    if (!decision) {
        deciding->no_memory = true;
        return;
    }
    *decision = *row;
    decision->group = judged->group;
    decision->package = judged->package->name;
    decision->name = name;
}

static void add_for_names(struct deciding *deciding, const struct judged *judged,
                          const struct decision *row) {
    for (size_t i = 0; i < judged->names.count; i++) {
        add_row(deciding, judged, judged->names.items[i], row);
    }
}

// For the names of one release alone. Whether it has any in the group.
static bool add_for_release(struct deciding *deciding, const struct judged *judged,
                            const struct package_release *release, const struct decision *row) {
    bool has_names = false;
    for (uint32_t i = 0; i < release->entry_count; i++) {
        if (strcmp(release->entries[i].group, judged->group) == 0) {
            add_row(deciding, judged, release->entries[i].name, row);
            has_names = true;
        }
    }
    return has_names;
}

// ---- what the registry decided: quarantined, deprecated, yanked ----

// A package that is archived gets no row: its releases may still run.
static void decide_status(struct deciding *deciding, struct judged *judged) {
    const struct package *package = judged->package;
    bool is_quarantined = package->status == PACKAGE_QUARANTINED;
    if (!is_quarantined && package->status != PACKAGE_DEPRECATED) {
        return;
    }
    const char *successor = package->replaced_by && !is_quarantined ? package->replaced_by : NULL;
    const char *what =
        is_quarantined ? "The package is quarantined"
        : successor
            ? keep(deciding, arena_printf(deciding->arena,
                                          "The package is deprecated; use %s instead", successor))
            : "The package is deprecated";
    struct decision row = {
        .code = is_quarantined ? DECISION_CODE_QUARANTINED : DECISION_CODE_DEPRECATED,
        .message = what ? with_reason(deciding, what, package->status_reason) : NULL,
        .since = tell_time(deciding, package->marks ? package->marks->status_ms : 0),
        .by = package->marks ? package->marks->status_by : NULL,
    };
    judged->is_withheld = judged->is_withheld || is_quarantined;
    add_for_names(deciding, judged, &row);
}

static void decide_release(struct deciding *deciding, struct judged *judged,
                           const struct release_mark *mark) {
    const struct package_release *release = &judged->package->releases[mark->release];
    if (release->quarantined) {
        struct decision row = {
            .version = release->version,
            .code = DECISION_CODE_QUARANTINED,
            .message = with_reason(deciding, "The release is quarantined", release->quarantined),
            .since = tell_time(deciding, mark->quarantined_ms),
            .by = mark->quarantined_by,
        };
        bool has_names = add_for_release(deciding, judged, release, &row);
        judged->is_withheld = judged->is_withheld || has_names;
    }
    if (release->yanked) {
        struct decision row = {
            .version = release->version,
            .code = DECISION_CODE_YANKED,
            .message = with_reason(deciding, "The release was yanked", release->yanked),
            .since = tell_time(deciding, mark->yanked_ms),
            .by = mark->yanked_by,
        };
        add_for_release(deciding, judged, release, &row);
    }
}

// ---- what the environment decided: disabled, not-enabled, outside-pin, settings ----

static int compare_mark(const void *package, const void *mark) {
    return strcmp(package, ((const struct environment_mark *)mark)->package);
}

static const struct environment_mark *find_mark(const struct deciding *deciding,
                                                const char *package) {
    const struct environment_marks *marks = deciding->sources->marks;
    return marks && marks->count
               ? bsearch(package, marks->items, marks->count, sizeof *marks->items, compare_mark)
               : NULL;
}

// Fills in who decided about the package, and when; also the policy when `by_policy`: the newer of both.
static void sign(const struct deciding *deciding, const struct judged *judged, bool by_policy,
                 struct decision *row) {
    const struct environment_mark *mark = find_mark(deciding, judged->package->name);
    const struct environment_mark *policy = by_policy ? find_mark(deciding, "") : NULL;
    mark = policy && (!mark || policy->revision > mark->revision) ? policy : mark;
    row->since = mark ? mark->since : NULL;
    row->by = mark ? mark->by : NULL;
}

static void decide_enabled(struct deciding *deciding, struct judged *judged) {
    enum environment_plugin_state state = judged->plugin ? judged->plugin->state : PLUGIN_UNSET;
    bool is_disabled = state == PLUGIN_DISABLED;
    bool is_not_enabled = deciding->sources->environment->is_listed_only && state == PLUGIN_UNSET;
    if (!is_disabled && !is_not_enabled) {
        return;
    }
    struct decision row = {.code =
                               is_disabled ? DECISION_CODE_DISABLED : DECISION_CODE_NOT_ENABLED};
    row.message =
        keep(deciding, arena_printf(deciding->arena,
                                    is_disabled ? "The environment \"%s\" disables the package"
                                                : "The environment \"%s\" takes only packages "
                                                  "that it enables by name",
                                    environment_of(deciding)));
    sign(deciding, judged, is_not_enabled, &row);
    judged->is_withheld = true;
    add_for_names(deciding, judged, &row);
}

// A version that asks for more than the host grants must not run from a directory either. Releases with the
// entries of the one above ask for the same.
static void decide_permissions(struct deciding *deciding, struct judged *judged) {
    const struct package *package = judged->package;
    const char *message = NULL;
    for (uint32_t i = 0; i < package->release_count; i++) {
        const struct package_release *release = &package->releases[i];
        message = repeats_entries(package, i)
                      ? message
                      : rules_tell_permission(deciding->facts, package, release);
        if (!message || release->quarantined) {
            continue;
        }
        struct decision row = {.version = release->version,
                               .code = DECISION_CODE_UNKNOWN_PERMISSION,
                               .message = message};
        sign(deciding, judged, true, &row);
        bool has_names = add_for_release(deciding, judged, release, &row);
        judged->is_withheld = judged->is_withheld || has_names;
    }
    deciding->no_memory = deciding->no_memory || deciding->facts->no_memory;
}

// The row is for every version. The host compares what it found with the pin.
static void decide_pin(struct deciding *deciding, const struct judged *judged) {
    if (!judged->plugin || !judged->plugin->pin) {
        return;
    }
    struct decision row = {
        .code = DECISION_CODE_OUTSIDE_PIN,
        .pin = judged->plugin->pin,
        .message = keep(deciding, arena_printf(deciding->arena,
                                               "The environment \"%s\" pins the package to %s",
                                               environment_of(deciding), judged->plugin->pin)),
    };
    sign(deciding, judged, false, &row);
    add_for_names(deciding, judged, &row);
}

// An entry point with settings of its own: the whole object, the package's and the defaults included.
static void decide_entry_settings(struct deciding *deciding, const struct judged *judged,
                                  const struct environment_entry *entry) {
    const char *settings =
        filled_settings(deciding->facts, judged->group, entry->name, judged->plugin);
    deciding->no_memory = deciding->no_memory || deciding->facts->no_memory;
    if (!settings) {
        return;
    }
    struct decision row = {
        .code = DECISION_CODE_SETTINGS,
        .settings = settings,
        .message = keep(deciding, arena_printf(deciding->arena,
                                               "The environment \"%s\" has settings for the entry "
                                               "point %s",
                                               environment_of(deciding), entry->name)),
    };
    sign(deciding, judged, false, &row);
    add_row(deciding, judged, entry->name, &row);
}

static void decide_entries_settings(struct deciding *deciding, const struct judged *judged) {
    const struct environment_entries *entries = judged->plugin ? &judged->plugin->entries : NULL;
    for (size_t i = 0; entries && i < entries->count; i++) {
        const struct environment_entry *entry = &entries->items[i];
        bool has_own = entry->settings || entry->secrets.count;
        if (has_own && strcmp(entry->group, judged->group) == 0) {
            decide_entry_settings(deciding, judged, entry);
        }
    }
}

// Settings belong to the package and not to a name, so the row has none.
static void decide_settings(struct deciding *deciding, const struct judged *judged) {
    const char *settings = filled_settings(deciding->facts, judged->group, NULL, judged->plugin);
    deciding->no_memory = deciding->no_memory || deciding->facts->no_memory;
    if (!settings) {
        return;
    }
    bool has_own = judged->plugin && judged->plugin->settings;
    struct decision row = {
        .code = DECISION_CODE_SETTINGS,
        .settings = settings,
        .message = keep(
            deciding, has_own ? arena_printf(deciding->arena,
                                             "The environment \"%s\" has settings for the package",
                                             environment_of(deciding))
                              : arena_printf(deciding->arena, "The group %s gives default settings",
                                             judged->group)),
    };
    sign(deciding, judged, false, &row);
    add_row(deciding, judged, NULL, &row);
}

// ---- single entry points ----

static void decide_entries(struct deciding *deciding, const struct judged *judged) {
    struct decision signature = {0};
    sign(deciding, judged, false, &signature);
    const struct entry_query query = {
        .arena = deciding->arena,
        .environment = deciding->sources->environment,
        .contracts = deciding->sources->contracts,
        .package = judged->package,
        .plugin = judged->plugin,
        .group = judged->group,
        .since = signature.since,
        .by = signature.by,
    };
    if (!entry_rules_decide(&query, &deciding->decisions)) {
        deciding->no_memory = true;
    }
}

// ---- the pass ----

static void judge(struct deciding *deciding, struct judged *judged) {
    const struct package_marks *marks = judged->package->marks;
    const struct environment *environment = deciding->sources->environment;
    if (marks || judged->plugin || environment->is_listed_only || environment->has_permissions) {
        gather_names(deciding, judged);
        decide_status(deciding, judged);
        for (uint32_t i = 0; marks && i < marks->count; i++) {
            decide_release(deciding, judged, &marks->items[i]);
        }
        decide_enabled(deciding, judged);
        if (environment->has_permissions) {
            decide_permissions(deciding, judged);
        }
        decide_pin(deciding, judged);
    }
    if ((judged->plugin && judged->plugin->entries.count) || deciding->has_owners_rules) {
        decide_entries(deciding, judged);
    }
    decide_settings(deciding, judged);
    decide_entries_settings(deciding, judged);
    // Neither withheld nor given: the row says only that the registry knows the package.
    if (!judged->is_withheld && !*find_slot(&deciding->given, judged->package, judged->group)) {
        add_row(deciding, judged, NULL, &(struct decision){.code = DECISION_CODE_KNOWN});
    }
}

// The groups of all its releases, for the question that names none.
static struct strings gather_groups(struct deciding *deciding, const struct package *package) {
    struct strings groups = {0};
    size_t room = 0;
    for (uint32_t i = 0; i < package->release_count; i++) {
        room += repeats_entries(package, i) ? 0 : package->releases[i].entry_count;
    }
    groups.items = arena_array(deciding->arena, room + 1, sizeof *groups.items);
    deciding->no_memory = deciding->no_memory || !groups.items;
    for (uint32_t i = 0; groups.items && i < package->release_count; i++) {
        const struct package_release *release = &package->releases[i];
        for (uint32_t j = 0; !repeats_entries(package, i) && j < release->entry_count; j++) {
            groups.items[groups.count++] = release->entries[j].group;
        }
    }
    sort_names(&groups);
    return groups;
}

static void judge_package(struct deciding *deciding, const char *group,
                          const struct package *package) {
    struct judged judged = {
        .package = package,
        .group = group,
        .plugin = environment_find_plugin(deciding->sources->environment, package->name),
    };
    if (*group) {
        judge(deciding, &judged);
        return;
    }
    struct strings groups = gather_groups(deciding, package);
    for (size_t i = 0; i < groups.count; i++) {
        struct judged one = judged;
        one.group = groups.items[i];
        judge(deciding, &one);
    }
}

enum status decisions_make(struct facts *facts, const struct selection_sources *sources,
                           const struct matches *matches, struct decisions *ret_decisions,
                           struct error *err) {
    struct deciding deciding = {.arena = facts->arena, .facts = facts, .sources = sources};
    deciding.has_owners_rules = sources->contracts && sources->contracts->entries.count;
    if (!note_given(facts->arena, matches, &deciding.given)) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < sources->table_count && !deciding.no_memory; i++) {
        struct group_cursor cursor = group_table_seek(sources->tables[i], "");
        const struct package *package = group_cursor_next(&cursor);
        deciding.no_memory = !entry_rules_decide_group(
            facts->arena, sources->contracts, sources->tables[i]->group, &deciding.decisions);
        for (; package && !deciding.no_memory; package = group_cursor_next(&cursor)) {
            judge_package(&deciding, sources->tables[i]->group, package);
        }
    }
    if (deciding.no_memory) {
        return fail_no_memory(err);
    }
    enum status status =
        decision_claims_add_owners(facts->arena, sources, matches, &deciding.decisions, err);
    if (status) {
        return status;
    }
    decisions_sort(&deciding.decisions);
    status = decision_claims_settle(facts->arena, sources, matches, &deciding.decisions, err);
    if (status) {
        return status;
    }
    *ret_decisions = deciding.decisions;
    return STATUS_OK;
}
