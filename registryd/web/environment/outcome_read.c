// SPDX-License-Identifier: MIT
// The other half of outcome.c: each object that it writes has a reader here, in the same order. A member that a form
// leaves out reads as zero or an empty list.
#include "registryd/web/environment/outcome.h"

#include "registryd/web/pages/part_members.h"

static bool read_exclusion(struct arena *arena, const json_t *json, struct exclusion *one) {
    *one = (struct exclusion){.package = part_copy(arena, json, "package"),
                              .version = part_copy(arena, json, "version"),
                              .code = part_copy(arena, json, "code"),
                              .detail = part_copy(arena, json, "detail"),
                              .eligible_at = part_copy(arena, json, "eligible_at")};
    bool has_time = !json_object_get(json, "eligible_at") || one->eligible_at;
    return one->package && one->version && one->code && one->detail && has_time;
}

static bool read_range(struct arena *arena, const json_t *json, struct release_range *range) {
    struct exclusion *newest = arena_array(arena, 2, sizeof *newest);
    if (!newest || !read_exclusion(arena, json_object_get(json, "newest"), newest)) {
        return false;
    }
    newest[1] = newest[0];
    newest[1].version = part_copy(arena, json, "oldest");
    *range = (struct release_range){&newest[0], &newest[1], part_size(json, "count")};
    return newest[1].version;
}

static bool read_reason(struct arena *arena, const json_t *json, struct left_out *one) {
    const json_t *items = json_object_get(json, "items");
    *one = (struct left_out){.code = part_copy(arena, json, "code"),
                             .releases = part_size(json, "releases"),
                             .packages = part_size(json, "packages"),
                             .ranges = part_size(json, "ranges"),
                             .first = part_size(json, "first"),
                             .items =
                                 arena_array(arena, json_array_size(items) + 1, sizeof *one->items),
                             .count = json_array_size(items)};
    bool is_good = one->code && one->items;
    for (size_t i = 0; i < one->count && is_good; i++) {
        is_good = read_range(arena, json_array_get(items, i), &one->items[i]);
    }
    return is_good;
}

static bool read_left_out(struct arena *arena, const json_t *json, struct rules_outcome *outcome) {
    const json_t *array = json_object_get(json, "left_out");
    outcome->ranges = part_size(json, "ranges");
    outcome->left_out_count = json_array_size(array);
    outcome->left_out = arena_array(arena, outcome->left_out_count + 1, sizeof *outcome->left_out);
    bool is_good = outcome->left_out;
    for (size_t i = 0; i < outcome->left_out_count && is_good; i++) {
        is_good = read_reason(arena, json_array_get(array, i), &outcome->left_out[i]);
    }
    return is_good;
}

static bool read_missing(struct arena *arena, const json_t *json, struct rules_outcome *outcome) {
    const json_t *array = json_object_get(json, "missing");
    struct missing_list *list = &outcome->missing;
    list->count = json_array_size(array);
    list->items = arena_array(arena, list->count + 1, sizeof *list->items);
    outcome->missing_count = part_size(json, "missing_count");
    bool is_good = list->items;
    for (size_t i = 0; i < list->count && is_good; i++) {
        const json_t *one = json_array_get(array, i);
        list->items[i] = (struct missing){.package = part_copy(arena, one, "package"),
                                          .code = part_copy(arena, one, "code"),
                                          .detail = part_copy(arena, one, "detail")};
        is_good = list->items[i].package && list->items[i].code && list->items[i].detail;
    }
    return is_good;
}

static bool read_withheld(struct arena *arena, const json_t *json, struct rules_outcome *outcome) {
    const json_t *array = json_object_get(json, "withheld");
    outcome->withheld_packages = part_size(json, "withheld_packages");
    outcome->withheld_count = json_array_size(array);
    outcome->withheld = arena_array(arena, outcome->withheld_count + 1, sizeof *outcome->withheld);
    bool is_good = outcome->withheld;
    for (size_t i = 0; i < outcome->withheld_count && is_good; i++) {
        const json_t *one = json_array_get(array, i);
        outcome->withheld[i] =
            (struct withheld){part_copy(arena, one, "code"), part_size(one, "packages")};
        is_good = outcome->withheld[i].code;
    }
    return is_good;
}

static bool read_one_outdated(struct arena *arena, const json_t *json, struct outdated *one) {
    struct exclusion *newest = arena_array(arena, 1, sizeof *newest);
    if (!newest || !read_exclusion(arena, json_object_get(json, "newest"), newest)) {
        return false;
    }
    *one = (struct outdated){.package = newest->package,
                             .selected = part_copy(arena, json, "selected"),
                             .newest = newest,
                             .newer = part_size(json, "newer"),
                             .too_new = part_size(json, "too_new")};
    return !json_object_get(json, "selected") || one->selected;
}

static bool read_outdated(struct arena *arena, const json_t *json, struct outdated_list *list) {
    const json_t *array = json_object_get(json, "outdated");
    list->count = json_array_size(array);
    list->outdated_count = part_size(json, "outdated_count");
    list->too_new_count = part_size(json, "too_new_count");
    list->items = arena_array(arena, list->count + 1, sizeof *list->items);
    bool is_good = list->items;
    for (size_t i = 0; i < list->count && is_good; i++) {
        is_good = read_one_outdated(arena, json_array_get(array, i), &list->items[i]);
    }
    return is_good;
}

enum status outcome_read(struct arena *arena, const json_t *json, struct rules_outcome *ret_outcome,
                         struct error *err) {
    struct rules_outcome outcome = {.packages = part_size(json, "packages"),
                                    .entry_points = part_size(json, "entry_points")};
    if (!read_left_out(arena, json, &outcome) || !read_missing(arena, json, &outcome) ||
        !read_withheld(arena, json, &outcome) || !read_outdated(arena, json, &outcome.outdated)) {
        return fail_no_memory(err);
    }
    *ret_outcome = outcome;
    return STATUS_OK;
}
