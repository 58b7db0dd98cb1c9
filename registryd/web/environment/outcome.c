// SPDX-License-Identifier: MIT
// Two forms of answers, kept by the index until something changes that they are made from: the counts with the first
// ranges of each reason, and one page of all ranges. Where a page of ranges begins is in the question, so each is an
// answer of its own.
#include "registryd/web/environment/outcome.h"

#include "registryd/web/environment/package_versions.h"
#include "registryd/web/frame/json_view.h"
#include "registryd/web/pages/part_members.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <stdlib.h>
#include <string.h>

static bool add_exclusion(struct buffer *body, const struct exclusion *one) {
    bool is_good =
        part_add_string(body, "{\"package\":", one->package) &&
        part_add_string(body, ",\"version\":", one->version) &&
        part_add_string(body, ",\"code\":", one->code) &&
        part_add_string(body, ",\"detail\":", one->detail) &&
        (!one->eligible_at || part_add_string(body, ",\"eligible_at\":", one->eligible_at));
    buffer_add_string(body, "}");
    return is_good;
}

static bool add_range(struct buffer *body, const struct release_range *range) {
    buffer_printf(body, "{\"count\":%zu,\"newest\":", range->count);
    bool is_good = add_exclusion(body, range->newest) &&
                   part_add_string(body, ",\"oldest\":", range->oldest->version);
    buffer_add_string(body, "}");
    return is_good;
}

// Those of its ranges that lie in the window [from, to) of all ranges, at most `limit`.
struct window {
    size_t from;
    size_t to;
    size_t limit;
};

static bool add_reason(struct buffer *body, const struct left_out *one,
                       const struct window *window) {
    bool is_good = part_add_string(body, "{\"code\":", one->code);
    size_t shown = 0;
    buffer_printf(body,
                  ",\"releases\":%zu,\"packages\":%zu,\"ranges\":%zu,\"first\":%zu,\"items\":[",
                  one->releases, one->packages, one->ranges, one->first);
    for (size_t i = 0; i < one->count && shown < window->limit && is_good; i++) {
        if (one->first + i >= window->from && one->first + i < window->to) {
            buffer_add_string(body, shown++ ? "," : "");
            is_good = add_range(body, &one->items[i]);
        }
    }
    buffer_add_string(body, "]}");
    return is_good;
}

static bool add_left_out(struct buffer *body, const struct exclusions *excluded,
                         const struct window *window) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct left_out_list list;
    bool is_good = arena && !outcome_collect(arena, excluded, &list, NULL);
    if (!is_good) {
        return false;
    }
    buffer_printf(body, "\"ranges\":%zu,\"left_out\":[", list.ranges);
    for (size_t i = 0; i < list.count && is_good; i++) {
        buffer_add_string(body, i ? "," : "");
        is_good = add_reason(body, &list.items[i], window);
    }
    buffer_add_string(body, "]");
    return is_good;
}

static bool add_missing(struct buffer *body, const struct missing_list *missing) {
    bool is_good = true;
    buffer_printf(body, ",\"missing_count\":%zu,\"missing\":[", missing->count);
    for (size_t i = 0; i < missing->count && i < MISSING_SHOWN && is_good; i++) {
        const struct missing *one = &missing->items[i];
        is_good = part_add_string(body, i ? ",{\"package\":" : "{\"package\":", one->package) &&
                  part_add_string(body, ",\"code\":", one->code) &&
                  part_add_string(body, ",\"detail\":", one->detail);
        buffer_add_string(body, "}");
    }
    buffer_add_string(body, "]");
    return is_good;
}

// ---- what hosts withhold

// A package is counted once, for the code that comes first among its own.
struct withholding {
    const char *package;
    size_t rank;
    const char *code;
};

static int compare_withholding(const void *left, const void *right) {
    const struct withholding *a = left;
    const struct withholding *b = right;
    int order = strcmp(a->package, b->package);
    return order ? order : (a->rank > b->rank) - (a->rank < b->rank);
}

// A row about one version of a package leaves the others to hosts, so the package as a whole is not withheld.
static size_t find_withholding(const struct decisions *decisions, struct withholding *items) {
    size_t count = 0;
    for (size_t i = 0; i < decisions->count; i++) {
        const struct decision *one = &decisions->items[i];
        if (decision_effect(one->code) == DECISION_WITHHOLDS && !one->version && !one->entry_only) {
            items[count++] =
                (struct withholding){one->package, decision_rank(one->code), one->code};
        }
    }
    qsort(items, count, sizeof *items, compare_withholding);
    return count;
}

static void count_one(struct withheld *counts, size_t *count, const char *code) {
    enum { CODES_MAX = 16 };
    size_t at = 0;
    while (at < *count && strcmp(counts[at].code, code) != 0) {
        at++;
    }
    if (at == *count && *count < CODES_MAX) {
        counts[(*count)++] = (struct withheld){.code = code};
    }
    counts[at].packages += at < *count;
}

static bool add_withheld(struct buffer *body, const struct decisions *decisions) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct withholding *items =
        arena ? arena_array(arena, decisions->count + 1, sizeof *items) : NULL;
    struct withheld counts[17] = {0};
    size_t kinds = 0;
    size_t packages = 0;
    size_t count = items ? find_withholding(decisions, items) : 0;
    for (size_t i = 0; i < count; i++) {
        if (!i || strcmp(items[i].package, items[i - 1].package) != 0) {
            packages++;
            count_one(counts, &kinds, items[i].code);
        }
    }
    bool is_good = items;
    buffer_printf(body, ",\"withheld_packages\":%zu,\"withheld\":[", packages);
    for (size_t i = 0; i < kinds && is_good; i++) {
        is_good = part_add_string(body, i ? ",{\"code\":" : "{\"code\":", counts[i].code);
        buffer_printf(body, ",\"packages\":%zu}", counts[i].packages);
    }
    buffer_add_string(body, "]");
    return is_good;
}

// ---- what is behind

static bool add_one_outdated(struct buffer *body, const struct outdated *one) {
    buffer_printf(body, "{\"newer\":%zu,\"too_new\":%zu", one->newer, one->too_new);
    bool is_good = !one->selected || part_add_string(body, ",\"selected\":", one->selected);
    buffer_add_string(body, ",\"newest\":");
    is_good = is_good && add_exclusion(body, one->newest);
    buffer_add_string(body, "}");
    return is_good;
}

static bool add_outdated(struct buffer *body, const struct selection *selection) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct outdated_list list;
    bool is_good = arena && !outdated_find(arena, selection, &list, NULL);
    if (!is_good) {
        return false;
    }
    buffer_printf(body, ",\"outdated_count\":%zu,\"too_new_count\":%zu,\"outdated\":[",
                  list.outdated_count, list.too_new_count);
    for (size_t i = 0; i < list.count && i < OUTDATED_SHOWN && is_good; i++) {
        buffer_add_string(body, i ? "," : "");
        is_good = add_one_outdated(body, &list.items[i]);
    }
    buffer_add_string(body, "]");
    return is_good;
}

// ---- the forms

static bool add_served(struct buffer *body, const struct records *records) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct package_versions list;
    bool is_good = arena && !package_versions_of(arena, records, &list, NULL);
    buffer_printf(body, ",\"entry_points\":%zu,\"packages\":%zu", records->count,
                  is_good ? list.count : 0);
    return is_good;
}

static enum status encode(const struct resolve_query *query, const struct selection *selection,
                          struct answer_draft *draft, struct error *err) {
    const struct window whole = {0, SIZE_MAX, RANGES_OF_A_REASON};
    struct buffer *body = &draft->body;
    (void)query;
    buffer_add_string(body, "{");
    bool is_good = add_left_out(body, &selection->excluded, &whole) &&
                   add_served(body, &selection->records) &&
                   add_missing(body, &selection->missing) &&
                   add_withheld(body, &selection->decisions) && add_outdated(body, selection);
    buffer_add_string(body, "}");
    return is_good ? STATUS_OK : fail_no_memory(err);
}

static enum status encode_ranges(const struct resolve_query *query,
                                 const struct selection *selection, struct answer_draft *draft,
                                 struct error *err) {
    size_t from = (size_t)query->first;
    const struct window window = {from, from + RANGES_ON_A_PAGE, RANGES_ON_A_PAGE};
    buffer_add_string(&draft->body, "{");
    bool is_good = add_left_out(&draft->body, &selection->excluded, &window);
    buffer_add_string(&draft->body, "}");
    return is_good ? STATUS_OK : fail_no_memory(err);
}

static const struct answer_form outcome_form = {.name = "outcome", .encode = encode};
static const struct answer_form ranges_form = {.name = "outcome-ranges", .encode = encode_ranges};

static enum status load(struct page_context *page, const struct resolve_query *query,
                        const struct answer_form *form, struct rules_outcome *ret_outcome,
                        struct error *err) {
    const struct answer *answer = NULL;
    enum status status = index_answer(page->api->index, query, form, &answer, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *json = json_view_parse_bytes(answer->body, answer->body_len);
    // The parsed tree has its own copies, so the shared answer is given up early.
    answer_unref(answer);
    return json ? outcome_read(page->arena, json, ret_outcome, err) : fail_no_memory(err);
}

enum status outcome_load(struct page_context *page, const char *environment, const char *group,
                         struct rules_outcome *ret_outcome, struct error *err) {
    const struct resolve_query query = {.environment = environment,
                                        .groups = &group,
                                        .group_count = group ? 1 : 0,
                                        .decides = true,
                                        .explain = true,
                                        .wants_missing = true};
    return load(page, &query, &outcome_form, ret_outcome, err);
}

enum status outcome_load_ranges(struct page_context *page, const char *environment, int64_t first,
                                struct rules_outcome *ret_outcome, struct error *err) {
    const struct resolve_query query = {
        .environment = environment, .explain = true, .first = first};
    return load(page, &query, &ranges_form, ret_outcome, err);
}
