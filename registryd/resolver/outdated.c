// SPDX-License-Identifier: MIT
// Excluded releases come by package, the newest first; the selected one is not among them. So the releases of a
// package are read up to the first that is older than the selected one. A package without a record is behind only
// when nothing of it is selected: a superseded release tells that something is, in no group asked for.
#include "registryd/resolver/outdated.h"

#include "schema/packaging/version/version.h"

#include <stdlib.h>
#include <string.h>

// The releases of one package that were left out.
struct span {
    const struct exclusion *items;
    size_t count;
};

static int compare_packages(const void *left, const void *right) {
    return strcmp((*(const struct record *const *)left)->package,
                  (*(const struct record *const *)right)->package);
}

static int compare_name(const void *package, const void *record) {
    return strcmp(package, (*(const struct record *const *)record)->package);
}

// The records by package. NULL when out of memory.
static const struct record **sort_records(struct arena *arena, const struct records *records) {
    const struct record **sorted =
        arena_array(arena, records->count + 1, sizeof(const struct record *));
    for (size_t i = 0; sorted && i < records->count; i++) {
        sorted[i] = &records->items[i];
    }
    if (sorted && records->count) {
        qsort(sorted, records->count, sizeof(const struct record *), compare_packages);
    }
    return sorted;
}

// The span that begins at `at`: packages do not come twice.
static struct span find_span(const struct exclusions *excluded, size_t at) {
    size_t end = at + 1;
    while (end < excluded->count &&
           strcmp(excluded->items[end].package, excluded->items[at].package) == 0) {
        end++;
    }
    return (struct span){&excluded->items[at], end - at};
}

static size_t count_packages(const struct exclusions *excluded) {
    size_t count = 0;
    for (size_t at = 0; at < excluded->count; at += find_span(excluded, at).count) {
        count++;
    }
    return count;
}

static bool is_newer(struct arena *arena, const char *version, const char *than) {
    const struct version *a;
    const struct version *b;
    return !than || version_parse(arena, text_from(version), &a, NULL) ||
           version_parse(arena, text_from(than), &b, NULL) || version_compare(a, b) > 0;
}

static bool has_selected(const struct span *span) {
    for (size_t i = 0; i < span->count; i++) {
        if (strcmp(span->items[i].code, "superseded") == 0) {
            return true;
        }
    }
    return false;
}

// What the environment decided not to run is not behind, whatever is published of it.
static bool is_put_away(const struct span *span) {
    for (size_t i = 0; i < span->count; i++) {
        const char *code = span->items[i].code;
        if (strcmp(code, "disabled") == 0 || strcmp(code, "not-enabled") == 0) {
            return true;
        }
    }
    return false;
}

static void count_newer(struct arena *arena, const struct span *span, struct outdated *one) {
    for (size_t i = 0; i < span->count; i++) {
        if (!is_newer(arena, span->items[i].version, one->selected)) {
            return;
        }
        one->newer++;
        one->too_new += strcmp(span->items[i].code, "too-new") == 0;
    }
}

static void add(struct outdated_list *list, const struct outdated *one) {
    if (one->newer) {
        bool needs_time = one->newer == one->too_new;
        list->items[list->count++] = *one;
        list->outdated_count += !needs_time;
        list->too_new_count += needs_time;
    }
}

enum status outdated_find(struct arena *arena, const struct selection *selection,
                          struct outdated_list *ret_list, struct error *err) {
    const struct exclusions *excluded = &selection->excluded;
    const struct record **sorted = sort_records(arena, &selection->records);
    struct outdated_list list = {
        .items = arena_array(arena, count_packages(excluded) + 1, sizeof *list.items)};
    if (!sorted || !list.items) {
        return fail_no_memory(err);
    }
    for (size_t at = 0; at < excluded->count;) {
        const struct span span = find_span(excluded, at);
        const char *package = span.items->package;
        const struct record *const *found =
            bsearch(package, sorted, selection->records.count, sizeof *sorted, compare_name);
        struct outdated one = {
            .package = package, .selected = found ? (*found)->version : NULL, .newest = span.items};
        at += span.count;
        if (found || (!has_selected(&span) && !is_put_away(&span))) {
            count_newer(arena, &span, &one);
            add(&list, &one);
        }
    }
    *ret_list = list;
    return STATUS_OK;
}
