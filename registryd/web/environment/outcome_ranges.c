// SPDX-License-Identifier: MIT
// A package of fifty releases is left out for two or three reasons, so fifty rows become two or three ranges. What
// needs a person comes first: a host that is too old before a release that a newer one replaces.
#include "registryd/web/environment/outcome.h"

#include "schema/base/list.h"

#include <stdlib.h>
#include <string.h>

// In the order of the page. A code that is not here comes behind them.
static const char *const codes[] = {"requires-host",
                                    "requires-python",
                                    "requires-plugin",
                                    "marker-unknown",
                                    "no-compatible-artifact",
                                    "quarantined",
                                    "held",
                                    "unknown-permission",
                                    "yanked",
                                    "outside-pin",
                                    "too-new",
                                    "disabled",
                                    "frozen",
                                    "not-enabled",
                                    "prerelease",
                                    "superseded"};

static size_t rank(const char *code) {
    size_t at = 0;
    while (at < COUNT_OF(codes) && strcmp(codes[at], code) != 0) {
        at++;
    }
    return at;
}

static bool is_same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_same_reason(const struct exclusion *a, const struct exclusion *b) {
    return strcmp(a->package, b->package) == 0 && strcmp(a->code, b->code) == 0 &&
           strcmp(a->detail, b->detail) == 0 && is_same_text(a->eligible_at, b->eligible_at);
}

// Equal ranks keep the order of their texts, which is by package. Unknown codes are sorted among themselves.
static int compare_ranges(const void *left, const void *right) {
    const struct release_range *a = left;
    const struct release_range *b = right;
    size_t of_a = rank(a->newest->code);
    size_t of_b = rank(b->newest->code);
    int order =
        of_a != of_b ? (of_a > of_b) - (of_a < of_b) : strcmp(a->newest->code, b->newest->code);
    return order ? order : (a->newest > b->newest) - (a->newest < b->newest);
}

struct release_range *release_ranges_find(struct arena *arena, const struct exclusions *excluded,
                                          size_t *ret_count) {
    struct release_range *ranges = arena_array(arena, excluded->count + 1, sizeof *ranges);
    size_t count = 0;
    for (size_t i = 0; ranges && i < excluded->count; i++) {
        const struct exclusion *one = &excluded->items[i];
        if (count && is_same_reason(ranges[count - 1].oldest, one)) {
            ranges[count - 1].oldest = one;
            ranges[count - 1].count++;
        } else {
            ranges[count++] = (struct release_range){one, one, 1};
        }
    }
    *ret_count = count;
    return ranges;
}

static void add_range(struct left_out *left_out, const struct release_range *range) {
    const struct release_range *last =
        left_out->count ? &left_out->items[left_out->count - 1] : NULL;
    bool is_new = !last || strcmp(last->newest->package, range->newest->package) != 0;
    left_out->releases += range->count;
    left_out->packages += is_new;
    left_out->count++;
    left_out->ranges = left_out->count;
}

enum status outcome_collect(struct arena *arena, const struct exclusions *excluded,
                            struct left_out_list *ret_list, struct error *err) {
    struct left_out_list list = {0};
    size_t capacity = 0;
    struct release_range *ranges = release_ranges_find(arena, excluded, &list.ranges);
    if (!ranges) {
        return fail_no_memory(err);
    }
    qsort(ranges, list.ranges, sizeof *ranges, compare_ranges);
    for (size_t i = 0; i < list.ranges; i++) {
        const char *code = ranges[i].newest->code;
        if (!list.count || strcmp(list.items[list.count - 1].code, code) != 0) {
            struct left_out *grown =
                list_grow(arena, list.items, list.count, &capacity, sizeof *grown);
            if (!grown) {
                return fail_no_memory(err);
            }
            list.items = grown;
            list.items[list.count++] =
                (struct left_out){.code = code, .first = i, .items = &ranges[i]};
        }
        add_range(&list.items[list.count - 1], &ranges[i]);
    }
    *ret_list = list;
    return STATUS_OK;
}
