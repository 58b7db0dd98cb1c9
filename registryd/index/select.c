// SPDX-License-Identifier: MIT
// The rules, in the order in which a reason is named.
#include "registryd/index/select.h"

#include <assert.h>
#include <string.h>

enum reason { FITS, QUARANTINED, YANKED, REQUIRES_PYTHON, PRERELEASE, SUPERSEDED, REASON_COUNT };

static const char *const codes[] = {
    [FITS] = NULL,
    [QUARANTINED] = "quarantined",
    [YANKED] = "yanked",
    [REQUIRES_PYTHON] = "requires-python",
    [PRERELEASE] = "prerelease",
    [SUPERSEDED] = "superseded",
};
static_assert(sizeof codes / sizeof *codes == REASON_COUNT, "every reason has its code");

// A pre-release of Python counts as a version like any other, as pip treats it.
static bool accepts_python(const struct package_release *release, const struct version *python) {
    if (!python || !release->requires_python_text) {
        return true;
    }
    return release->requires_python &&
           specifier_set_contains(release->requires_python, python, PRERELEASES_ALLOW);
}

// What speaks against a release by itself, without looking at the others of its package.
static enum reason reason_of(const struct package *package, const struct package_release *release,
                             const struct select_query *query) {
    if (package->quarantined) {
        return QUARANTINED;
    }
    if (release->yanked) {
        return YANKED;
    }
    return accepts_python(release, query->python) ? FITS : REQUIRES_PYTHON;
}

static bool has_fitting_final(const struct package *package, const struct select_query *query) {
    for (size_t i = 0; i < package->release_count; i++) {
        const struct package_release *release = &package->releases[i];
        if (!release->prerelease && reason_of(package, release, query) == FITS) {
            return true;
        }
    }
    return false;
}

const struct package_release *select_release(const struct package *package,
                                             const struct select_query *query) {
    bool takes_prereleases = query->prereleases || !has_fitting_final(package, query);
    for (size_t i = 0; i < package->release_count; i++) {
        const struct package_release *release = &package->releases[i];
        if ((takes_prereleases || !release->prerelease) &&
            reason_of(package, release, query) == FITS) {
            return release;
        }
    }
    return NULL;
}

static void fill_record(struct record *record, const struct group_table *table,
                        const struct package *package, const struct package_release *release,
                        const struct candidate_entry *entry) {
    record->group = table->group;
    record->name = entry->name;
    record->value = entry->value;
    record->package = package->name;
    record->version = release->version;
    record->source = "registry";
    record->origin = release->origin;
    record->manifest = entry->manifest;
}

enum status select_records(struct arena *arena, const struct group_table *table,
                           const struct select_query *query, struct records *records,
                           struct error *err) {
    for (size_t i = 0; i < table->count; i++) {
        const struct package *package = table->packages[i];
        const struct package_release *release = select_release(package, query);
        for (size_t j = 0; release && j < release->entry_count; j++) {
            struct record *record = records_add(arena, records);
            if (!record) {
                return fail_no_memory(err);
            }
            fill_record(record, table, package, release, &release->entries[j]);
        }
    }
    return STATUS_OK;
}

static const char *describe(struct arena *arena, enum reason reason,
                            const struct package_release *release,
                            const struct package_release *chosen,
                            const struct select_query *query) {
    switch (reason) {
    case QUARANTINED:
        return "The package is quarantined";
    case YANKED:
        return "The release was yanked";
    case REQUIRES_PYTHON:
        return arena_printf(arena, "It requires Python %s, and the host has %s",
                            release->requires_python_text, version_string(query->python));
    case PRERELEASE:
        return "It is a pre-release, and a final release fits";
    default:
        return arena_printf(arena, "Version %s is newer and fits", chosen->version);
    }
}

static struct exclusion *add_exclusion(struct arena *arena, struct exclusions *exclusions) {
    if (exclusions->count == exclusions->capacity) {
        size_t capacity = exclusions->capacity ? exclusions->capacity * 2 : 16;
        struct exclusion *items = arena_array(arena, capacity, sizeof *items);
        if (!items) {
            return NULL;
        }
        if (exclusions->count) {
            memcpy(items, exclusions->items, exclusions->count * sizeof *items);
        }
        exclusions->items = items;
        exclusions->capacity = capacity;
    }
    return &exclusions->items[exclusions->count++];
}

enum status select_exclusions(struct arena *arena, const struct package *package,
                              const struct select_query *query, struct exclusions *exclusions,
                              struct error *err) {
    const struct package_release *chosen = select_release(package, query);
    for (size_t i = 0; i < package->release_count; i++) {
        const struct package_release *release = &package->releases[i];
        if (release == chosen) {
            continue;
        }
        enum reason reason = reason_of(package, release, query);
        if (reason == FITS) { // then another was taken
            bool is_refused = release->prerelease && !query->prereleases && !chosen->prerelease;
            reason = is_refused ? PRERELEASE : SUPERSEDED;
        }
        struct exclusion *exclusion = add_exclusion(arena, exclusions);
        const char *detail = describe(arena, reason, release, chosen, query);
        if (!exclusion || !detail) {
            return fail_no_memory(err);
        }
        *exclusion = (struct exclusion){package->name, release->version, codes[reason], detail};
    }
    return STATUS_OK;
}
