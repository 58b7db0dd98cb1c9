// SPDX-License-Identifier: MIT
// A form of answers of its own, so that the index keeps what a page shows and makes it once for all who look at
// it: a selection of a hundred thousand records takes tens of megabytes, its part some kilobytes. The part is
// written as JSON and read by each page. The pages' numbers are in the question (resolve_query.first), so each
// page of a long list is an answer of its own.
#include "registryd/web/pages/selection_part.h"

#include "registryd/web/frame/json_view.h"
#include "registryd/web/pages/part_members.h"

#include "schema/base/cleanup.h"
#include "schema/json/json.h"

#include <string.h>

enum { PACKAGES_SHOWN = 20 }; // of one name

// ---- writing ----

static bool add_records(struct buffer *body, const struct records *records, size_t first) {
    bool is_good = true;
    buffer_add_string(body, "\"records\":[");
    for (size_t i = first; i < records->count && i < first + RECORDS_ON_A_PAGE && is_good; i++) {
        buffer_add_string(body, i > first ? "," : "");
        is_good = record_write(body, &records->items[i]);
    }
    buffer_add_string(body, "]");
    return is_good;
}

// How many records from `at` on have its name.
static size_t run_length(const struct records *records, size_t at) {
    size_t end = at + 1;
    while (end < records->count && strcmp(records->items[end].name, records->items[at].name) == 0) {
        end++;
    }
    return end - at;
}

static bool add_conflict(struct buffer *body, const struct record *first, size_t count) {
    size_t shown = count < PACKAGES_SHOWN ? count : PACKAGES_SHOWN;
    bool is_good = part_add_string(body, "{\"name\":", first->name);
    buffer_add_string(body, ",\"packages\":[");
    for (size_t i = 0; i < shown && is_good; i++) {
        is_good = part_add_string(body, i ? "," : "", first[i].package);
    }
    buffer_printf(body, "],\"more\":%zu}", count - shown);
    return is_good;
}

// Records of one group come by name, so equal names are neighbours.
static bool add_conflicts(struct buffer *body, const struct records *records) {
    size_t found = 0;
    bool is_good = true;
    buffer_add_string(body, ",\"conflicts\":[");
    for (size_t i = 0, count; i < records->count && is_good; i += count) {
        count = run_length(records, i);
        if (count > 1 && found++ < CONFLICTS_SHOWN) {
            buffer_add_string(body, found > 1 ? "," : "");
            is_good = add_conflict(body, &records->items[i], count);
        }
    }
    buffer_printf(body, "],\"more_conflicts\":%zu",
                  found > CONFLICTS_SHOWN ? found - CONFLICTS_SHOWN : 0);
    return is_good;
}

// Example, for the first page of one group:
//   {"total": 2, "records": […], "environment": "prod",
//    "conflicts": [{"name": "export", "packages": ["crm-a", "crm-b"], "more": 0}],
//    "more_conflicts": 0}
// Conflicts need a single group.
static enum status encode(const struct resolve_query *query, const struct selection *selection,
                          struct answer_draft *draft, struct error *err) {
    struct buffer *body = &draft->body;
    buffer_printf(body, "{\"total\":%zu,", selection->records.count);
    bool is_good = add_records(body, &selection->records, (size_t)query->first) &&
                   part_add_string(body, ",\"environment\":", selection->environment) &&
                   (query->group_count != 1 || add_conflicts(body, &selection->records));
    buffer_add_string(body, "}");
    return is_good ? STATUS_OK : fail_no_memory(err);
}

static const struct answer_form part_form = {.name = "part", .encode = encode};

// ---- reading ----

static bool read_conflict(struct arena *arena, const json_t *json, struct name_conflict *conflict) {
    const json_t *names = json_object_get(json, "packages");
    const char **items = arena_array(arena, json_array_size(names), sizeof *items);
    conflict->name = part_copy(arena, json, "name");
    conflict->more = part_size(json, "more");
    for (size_t i = 0; items && i < json_array_size(names); i++) {
        items[i] = arena_strdup(arena, json_string_value(json_array_get(names, i)));
        if (!items[i]) {
            return false;
        }
    }
    conflict->packages = (struct strings){items, json_array_size(names)};
    return items && conflict->name;
}

static bool read_conflicts(struct arena *arena, const json_t *json, struct selection_part *part) {
    const json_t *array = json_object_get(json, "conflicts");
    part->conflict_count = json_array_size(array);
    part->more_conflicts = part_size(json, "more_conflicts");
    part->conflicts = arena_array(arena, part->conflict_count + 1, sizeof *part->conflicts);
    bool is_good = part->conflicts;
    for (size_t i = 0; i < part->conflict_count && is_good; i++) {
        is_good = read_conflict(arena, json_array_get(array, i), &part->conflicts[i]);
    }
    return is_good;
}

static enum status read_part(struct arena *arena, const json_t *json, struct selection_part *part,
                             struct error *err) {
    part->total = part_size(json, "total");
    part->environment = part_copy(arena, json, "environment");
    if (!part->environment || !read_conflicts(arena, json, part)) {
        return fail_no_memory(err);
    }
    return records_decode(arena, json_object_get(json, "records"), &part->records, err);
}

enum status selection_part_load(struct page_context *page, const struct resolve_query *query,
                                struct selection_part *ret_part, struct error *err) {
    const struct answer *answer = NULL;
    struct selection_part part = {0};
    enum status status = index_answer(page->api->index, query, &part_form, &answer, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *json = json_view_parse_bytes(answer->body, answer->body_len);
    // The parsed tree has its own copies, so the shared answer is given up early.
    answer_unref(answer);
    if (!json) {
        return fail_no_memory(err);
    }
    status = read_part(page->arena, json, &part, err);
    if (status) {
        return status;
    }
    *ret_part = part;
    return STATUS_OK;
}
