// SPDX-License-Identifier: MIT
// Excluded releases come by package, the newest first; the selected one is not among them. So the releases of a
// package are read up to the first that is older than the selected one. A package without a record is behind only
// when nothing of it is selected: a superseded release tells that something is, in no group asked for.
#include "registryd/forms/outdated_json.h"

#include "schema/base/cleanup.h"
#include "schema/json/json.h"
#include "schema/packaging/version/version.h"

#include <stdlib.h>
#include <string.h>

// The releases of one package that were left out.
struct span {
    const struct exclusion *items;
    size_t count;
    const char *selected; // version; NULL = none
    size_t newer;         // how many are newer than the selected one
    size_t too_new;       // of those, how many only need time
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

static void count_newer(struct arena *arena, struct span *span) {
    for (size_t i = 0; i < span->count; i++) {
        if (!is_newer(arena, span->items[i].version, span->selected)) {
            return;
        }
        span->newer++;
        span->too_new += strcmp(span->items[i].code, "too-new") == 0;
    }
}

static json_t *encode_span(const struct span *span) {
    const struct exclusion *newest = &span->items[0];
    // clang-format off
    return json_pack("{s:s,s:o,s:s,s:s,s:s,s:s*,s:I,s:I}",
                     "package", newest->package,
                     "selected", json_text(span->selected),
                     "newest", newest->version,
                     "code", newest->code,
                     "detail", newest->detail,
                     "eligible_at", newest->eligible_at,
                     "newer", (json_int_t)span->newer,
                     "too_new", (json_int_t)span->too_new);
    // clang-format on
}

// Appends the packages that are behind; counts them.
static bool add_packages(struct arena *arena, const struct selection *selection, json_t *packages,
                         size_t ret_counts[2]) {
    const struct record **sorted = sort_records(arena, &selection->records);
    const struct exclusions *excluded = &selection->excluded;
    size_t next = 0;
    for (size_t at = 0; sorted && at < excluded->count; at = next) {
        const char *package = excluded->items[at].package;
        for (next = at;
             next < excluded->count && strcmp(excluded->items[next].package, package) == 0;) {
            next++;
        }
        const struct record *const *found =
            bsearch(package, sorted, selection->records.count, sizeof *sorted, compare_name);
        struct span span = {.items = &excluded->items[at],
                            .count = next - at,
                            .selected = found ? (*found)->version : NULL};
        if (!found && has_selected(&span)) {
            continue;
        }
        count_newer(arena, &span);
        if (span.newer && json_array_append_new(packages, encode_span(&span))) {
            return false;
        }
        ret_counts[0] += span.newer > span.too_new;
        ret_counts[1] += span.newer && span.newer == span.too_new;
    }
    return sorted;
}

static enum status encode(const struct resolve_query *query, const struct selection *selection,
                          struct answer_draft *draft, struct error *err) {
    (void)query;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    scoped(cleanup_json) json_t *packages = json_array();
    size_t counts[2] = {0, 0};
    if (!arena || !packages || !add_packages(arena, selection, packages, counts)) {
        return fail_no_memory(err);
    }
    scoped(cleanup_json) json_t *answer =
        json_pack("{s:s,s:I,s:O,s:{s:I,s:I}}", "environment", selection->environment, "revision",
                  (json_int_t)selection->revision, "packages", packages, "counts", "outdated",
                  (json_int_t)counts[0], "too_new", (json_int_t)counts[1]);
    return answer && json_write(&draft->body, answer, false) ? STATUS_OK : fail_no_memory(err);
}

const struct answer_form outdated_form = {.name = "outdated", .encode = encode};
