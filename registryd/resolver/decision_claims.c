// SPDX-License-Identifier: MIT
// A directory often tells only a name, "crm", where the registry knows a package, "honeyframe-crm". So a
// decision may also match by name, but never for a stranger: when the group has an owner, the package must
// be the owner's; else it must have been the first to publish the name there. A name that some package
// gives is that package's, and nothing matches by it. Who was first is looked up for all such rows in one
// pass over the tables, and only when there are such rows.
#include "registryd/resolver/decision_claims.h"

#include <stdlib.h>
#include <string.h>

// A name in a group without an owner, and who published it first.
struct claim {
    const char *group;
    const char *name;
    const char *package; // NULL = not met yet
    int64_t first_ms;
    bool is_tied; // two packages at one moment: neither was first
};

struct claims {
    struct claim *items; // by group and name, each once
    size_t count;
};

static int compare_claims(const void *left, const void *right) {
    const struct claim *a = left;
    const struct claim *b = right;
    int order = strcmp(a->group, b->group);
    return order ? order : strcmp(a->name, b->name);
}

static struct claim *find_claim(const struct claims *claims, const char *group, const char *name) {
    const struct claim key = {.group = group, .name = name};
    return claims->count ? bsearch(&key, claims->items, claims->count, sizeof key, compare_claims)
                         : NULL;
}

static void sort_claims(struct claims *claims) {
    if (!claims->count) {
        return;
    }
    qsort(claims->items, claims->count, sizeof *claims->items, compare_claims);
    size_t kept = 1;
    for (size_t i = 1; i < claims->count; i++) {
        if (compare_claims(&claims->items[kept - 1], &claims->items[i]) != 0) {
            claims->items[kept++] = claims->items[i];
        }
    }
    claims->count = kept;
}

static void note_publish(struct claim *claim, const char *package, int64_t published_ms) {
    bool is_same = claim->package && strcmp(claim->package, package) == 0;
    if (!claim->package || published_ms < claim->first_ms) {
        *claim = (struct claim){claim->group, claim->name, package, published_ms, false};
    } else if (!is_same && published_ms == claim->first_ms) {
        claim->is_tied = true;
    }
}

// Releases with the same entry points share them, and follow each other: one look for all of them.
static void scan_package(const struct claims *claims, const char *group,
                         const struct package *package) {
    for (uint32_t i = 0; i < package->release_count;) {
        const struct package_release *release = &package->releases[i];
        int64_t first_ms = release->published_ms;
        for (i++; i < package->release_count && package->releases[i].entries == release->entries;
             i++) {
            int64_t published_ms = package->releases[i].published_ms;
            first_ms = published_ms < first_ms ? published_ms : first_ms;
        }
        for (uint32_t j = 0; j < release->entry_count; j++) {
            const struct candidate_entry *entry = &release->entries[j];
            bool is_asked = !*group || strcmp(entry->group, group) == 0;
            struct claim *claim = is_asked ? find_claim(claims, entry->group, entry->name) : NULL;
            if (claim) {
                note_publish(claim, package->name, first_ms);
            }
        }
    }
}

static void scan(const struct claims *claims, const struct selection_sources *sources) {
    for (size_t i = 0; claims->count && i < sources->table_count; i++) {
        struct group_cursor cursor = group_table_seek(sources->tables[i], "");
        const struct package *package = group_cursor_next(&cursor);
        for (; package; package = group_cursor_next(&cursor)) {
            scan_package(claims, sources->tables[i]->group, package);
        }
    }
}

static const struct package *find_package(const struct selection_sources *sources,
                                          const struct decision *row) {
    const struct package *package = NULL;
    for (size_t i = 0; i < sources->table_count && !package; i++) {
        const char *group = sources->tables[i]->group;
        if (!*group || strcmp(group, row->group) == 0) {
            package = group_table_find(sources->tables[i], row->package);
        }
    }
    return package;
}

// A package that is disabled, of which the environment enables this entry point.
static bool is_exempt(const struct environment *environment, const struct decision *row) {
    const struct environment_plugin *plugin =
        environment->has_entry_rules && row->name && strcmp(row->code, DECISION_CODE_DISABLED) == 0
            ? environment_find_plugin(environment, row->package)
            : NULL;
    const struct environment_entry *entry =
        plugin ? environment_entries_find(&plugin->entries, row->group, row->name) : NULL;
    return entry && entry->state == PLUGIN_ENABLED;
}

static bool may_match(const struct decision *row, const struct matches *matches) {
    bool has_code = strcmp(row->code, DECISION_CODE_QUARANTINED) == 0 ||
                    strcmp(row->code, DECISION_CODE_DISABLED) == 0;
    return has_code && row->name && !matches_have(matches, row->group, row->name);
}

static bool is_owned_by(const struct selection_sources *sources, const struct decision *row,
                        const char *team) {
    const struct package *package = find_package(sources, row);
    return package && package->owner && strcmp(package->owner, team) == 0;
}

// ---- packages of a group's owner ----

static int compare_packages(const void *left, const void *right) {
    const struct package *a = *(const struct package *const *)left;
    const struct package *b = *(const struct package *const *)right;
    return strcmp(a->name, b->name);
}

static bool is_of_team(const struct hit *hit, const char *team) {
    return hit->package->owner && strcmp(hit->package->owner, team) == 0;
}

static bool add_owner(struct arena *arena, const char *group, const char *package,
                      struct decisions *decisions) {
    struct decision *row = decisions_add(arena, decisions);
    if (row) {
        *row = (struct decision){.group = group, .package = package, .code = DECISION_CODE_OWNER};
    }
    return row;
}

// A group in which other teams publish too. A package has a hit for each of its names.
static bool add_owners_one_by_one(struct arena *arena, const struct hit *hits, size_t count,
                                  const char *team, struct decisions *decisions) {
    const struct package **packages = arena_array(arena, count, sizeof *packages);
    const char *group = hits->entry->group;
    size_t found = 0;
    for (size_t i = 0; packages && i < count; i++) {
        if (is_of_team(&hits[i], team)) {
            packages[found++] = hits[i].package;
        }
    }
    if (found) {
        qsort(packages, found, sizeof *packages, compare_packages);
    }
    bool is_good = packages;
    for (size_t i = 0; i < found && is_good; i++) {
        bool is_again = i && strcmp(packages[i - 1]->name, packages[i]->name) == 0;
        is_good = is_again || add_owner(arena, group, packages[i]->name, decisions);
    }
    return is_good;
}

static bool add_owners_of_group(struct arena *arena, const struct hit *hits, size_t count,
                                const char *team, struct decisions *decisions) {
    size_t owned = 0;
    while (owned < count && is_of_team(&hits[owned], team)) {
        owned++;
    }
    return owned == count ? add_owner(arena, hits->entry->group, DECISION_ALL_PACKAGES, decisions)
                          : add_owners_one_by_one(arena, hits, count, team, decisions);
}

enum status decision_claims_add_owners(struct arena *arena, const struct selection_sources *sources,
                                       const struct matches *matches, struct decisions *decisions,
                                       struct error *err) {
    bool is_good = true;
    for (size_t at = 0; at < matches->count && is_good;) {
        const struct hit *first = &matches->items[at];
        size_t end = at + 1;
        while (end < matches->count &&
               strcmp(matches->items[end].entry->group, first->entry->group) == 0) {
            end++;
        }
        const char *team = contracts_owner(sources->contracts, first->entry->group);
        is_good = !team || add_owners_of_group(arena, first, end - at, team, decisions);
        at = end;
    }
    return is_good ? STATUS_OK : fail_no_memory(err);
}

// ---- decisions that go by name ----

enum status decision_claims_settle(struct arena *arena, const struct selection_sources *sources,
                                   const struct matches *matches, struct decisions *decisions,
                                   struct error *err) {
    struct claims claims = {.items =
                                arena_array(arena, decisions->count + 1, sizeof *claims.items)};
    if (!claims.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < decisions->count; i++) {
        struct decision *row = &decisions->items[i];
        if (!may_match(row, matches) || is_exempt(sources->environment, row)) {
            continue;
        }
        const char *owner = contracts_owner(sources->contracts, row->group);
        row->by_name = !owner || is_owned_by(sources, row, owner);
        if (!owner) {
            claims.items[claims.count++] = (struct claim){.group = row->group, .name = row->name};
        }
    }
    sort_claims(&claims);
    scan(&claims, sources);
    for (size_t i = 0; i < decisions->count && claims.count; i++) {
        struct decision *row = &decisions->items[i];
        const struct claim *claim =
            row->by_name ? find_claim(&claims, row->group, row->name) : NULL;
        if (claim) {
            row->by_name =
                !claim->is_tied && claim->package && strcmp(claim->package, row->package) == 0;
        }
    }
    return STATUS_OK;
}
