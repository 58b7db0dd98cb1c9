// SPDX-License-Identifier: MIT
// One package has many releases that were left out, and one reason is given: that of the newest release that the
// environment would have taken, so not of one outside the pin. selection_make.c asks for it.
#include "registryd/resolver/missing.h"

#include <stdlib.h>
#include <string.h>

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// The packages of the records, sorted.
static const char **list_given(struct arena *arena, const struct records *records) {
    const char **given = arena_array(arena, records->count + 1, sizeof *given);
    for (size_t i = 0; given && i < records->count; i++) {
        given[i] = records->items[i].package;
    }
    if (given) {
        qsort(given, records->count, sizeof *given, compare_texts);
    }
    return given;
}

// A pin says that the environment counts on the package, even when nothing enables it by name.
static bool is_wanted(const struct environment_plugin *plugin) {
    return plugin->state == PLUGIN_ENABLED ||
           (plugin->held_to && plugin->state != PLUGIN_DISABLED) ||
           environment_entries_have(&plugin->entries, PLUGIN_ENABLED);
}

static int compare_missing(const void *a, const void *b) {
    return strcmp(((const struct missing *)a)->package, ((const struct missing *)b)->package);
}

// Sorts, and keeps each package once.
static void settle(struct missing_list *list) {
    size_t kept = 0;
    qsort(list->items, list->count, sizeof *list->items, compare_missing);
    for (size_t i = 0; i < list->count; i++) {
        if (!kept || compare_missing(&list->items[kept - 1], &list->items[i]) != 0) {
            list->items[kept++] = list->items[i];
        }
    }
    list->count = kept;
}

enum status missing_find(struct arena *arena, const struct missing_query *query,
                         struct missing_list *ret_missing, struct error *err) {
    const struct environment *environment = query->environment;
    const struct records *records = query->records;
    size_t room = environment->plugin_count + query->withheld_count;
    const char **given = list_given(arena, records);
    struct missing_list missing = {arena_array(arena, room + 1, sizeof *missing.items), 0};
    if (!given || !missing.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < environment->plugin_count; i++) {
        const struct environment_plugin *plugin = &environment->plugins[i];
        bool is_given =
            bsearch(&plugin->package, given, records->count, sizeof *given, compare_texts);
        if (is_wanted(plugin) && !is_given) {
            missing.items[missing.count++] = (struct missing){.package = plugin->package};
        }
    }
    for (size_t i = 0; i < query->withheld_count; i++) {
        missing.items[missing.count++] = (struct missing){.package = query->withheld[i]};
    }
    settle(&missing);
    *ret_missing = missing;
    return STATUS_OK;
}

// These follow from the choice of another version. Any other reason says more about what to repair.
static bool tells_little(const struct exclusion *exclusion) {
    return strcmp(exclusion->code, "outside-pin") == 0 ||
           strcmp(exclusion->code, "superseded") == 0 ||
           strcmp(exclusion->code, "prerelease") == 0 || strcmp(exclusion->code, "frozen") == 0;
}

void missing_explain(struct missing *missing, const struct exclusions *excluded) {
    const struct exclusion *best = NULL;
    bool has_chosen = false;
    for (size_t i = 0; i < excluded->count; i++) {
        const struct exclusion *item = &excluded->items[i];
        bool is_better = !best || (tells_little(best) && !tells_little(item));
        best = is_better ? item : best;
        has_chosen = has_chosen || strcmp(item->code, "superseded") == 0;
    }
    // "superseded" means that the environment takes a release of this package. What lacks is an
    // entry point.
    if (!best || has_chosen) {
        missing->code = "no-entry-points";
        missing->detail =
            "The release that the environment takes has no entry points in these groups";
        return;
    }
    missing->code = best->code;
    missing->detail = best->detail;
}
