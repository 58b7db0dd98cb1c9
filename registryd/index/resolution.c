// SPDX-License-Identifier: MIT
// Records are encoded one at a time: a JSON tree of a whole large answer would take twenty times its
// text in memory.
#include "registryd/index/resolution.h"

#include "registryd/index/answer_cache.h"
#include "registryd/index/select.h"
#include "schema/base/limits.h"
#include "schema/json.h"

#include <stdlib.h>
#include <string.h>

CLEANUP_DEFINE(struct arena *, cleanup_arena, arena_free)

static void cleanup_buffer(struct buffer *buffer) {
    buffer_done(buffer);
}

// Writes one value; steals it. False when out of memory.
static bool add_json(struct buffer *buffer, json_t *json, bool is_first) {
    scoped(cleanup_json) json_t *owned = json;
    scoped(cleanup_memory) char *text =
        owned ? json_dumps(owned, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    if (!text) {
        return false;
    }
    buffer_add_string(buffer, is_first ? "" : ",");
    buffer_add_string(buffer, text);
    return true;
}

static bool add_groups(struct buffer *buffer, const struct resolve_query *query) {
    buffer_add_string(buffer, "{\"environment\":\"default\",\"groups\":[");
    bool is_good = true;
    for (size_t i = 0; i < query->group_count && is_good; i++) {
        is_good = add_json(buffer, json_string(query->groups[i]), i == 0);
    }
    return is_good;
}

static bool add_records(struct buffer *buffer, const struct records *records) {
    buffer_add_string(buffer, "],\"records\":[");
    bool is_good = true;
    for (size_t i = 0; i < records->count && is_good; i++) {
        is_good = add_json(buffer, record_encode(&records->items[i]), i == 0);
    }
    return is_good;
}

static bool add_exclusions(struct buffer *buffer, const struct exclusions *exclusions) {
    buffer_add_string(buffer, "],\"excluded\":[");
    bool is_good = true;
    for (size_t i = 0; i < exclusions->count && is_good; i++) {
        const struct exclusion *item = &exclusions->items[i];
        json_t *json = json_pack("{s:s,s:s,s:s,s:s}", "package", item->package, "version",
                                 item->version, "code", item->code, "detail", item->detail);
        is_good = add_json(buffer, json, i == 0);
    }
    return is_good;
}

static enum status read_python(struct arena *arena, const char *text,
                               const struct version **ret_python, struct error *err) {
    if (!text) {
        return STATUS_OK;
    }
    enum status status = version_parse(arena, text_from(text), ret_python, err);
    if (status && status != STATUS_NO_MEMORY) {
        return fail(err, STATUS_INVALID, "?python", "\"%s\" is no version of Python", text);
    }
    return status;
}

static enum status add_selected(struct arena *arena, const struct resolve_query *query,
                                struct group_table *const *tables,
                                const struct select_query *wanted, struct buffer *buffer) {
    struct records records = {0};
    for (size_t i = 0; i < query->group_count; i++) {
        if (select_records(arena, tables[i], wanted, &records, NULL)) {
            return STATUS_NO_MEMORY;
        }
    }
    records_sort(&records);
    return add_records(buffer, &records) ? STATUS_OK : STATUS_NO_MEMORY;
}

static int compare_packages(const void *a, const void *b) {
    return strcmp((*(struct package *const *)a)->name, (*(struct package *const *)b)->name);
}

// The packages of all tables by name; one that is in several groups comes several times.
static struct package **gather_packages(struct arena *arena, struct group_table *const *tables,
                                        size_t table_count, size_t *ret_count) {
    size_t count = 0;
    for (size_t i = 0; i < table_count; i++) {
        count += tables[i]->count;
    }
    struct package **packages = arena_array(arena, count + 1, sizeof(struct package *));
    for (size_t i = 0, at = 0; packages && i < table_count; at += tables[i]->count, i++) {
        memcpy(packages + at, tables[i]->packages, tables[i]->count * sizeof *packages);
    }
    if (packages && count) {
        qsort(packages, count, sizeof *packages, compare_packages);
    }
    *ret_count = count;
    return packages;
}

static enum status add_excluded(struct arena *arena, const struct resolve_query *query,
                                struct group_table *const *tables,
                                const struct select_query *wanted, struct buffer *buffer) {
    size_t count = 0;
    struct package **packages = gather_packages(arena, tables, query->group_count, &count);
    if (!packages) {
        return STATUS_NO_MEMORY;
    }
    struct exclusions exclusions = {0};
    for (size_t i = 0; i < count; i++) {
        bool is_repeated = i > 0 && compare_packages(&packages[i - 1], &packages[i]) == 0;
        if (!is_repeated && select_exclusions(arena, packages[i], wanted, &exclusions, NULL)) {
            return STATUS_NO_MEMORY;
        }
    }
    return add_exclusions(buffer, &exclusions) ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status write_all(struct arena *arena, const struct resolve_query *query,
                             struct group_table *const *tables, const struct select_query *wanted,
                             struct buffer *buffer) {
    enum status status = add_groups(buffer, query) ? STATUS_OK : STATUS_NO_MEMORY;
    if (!status) {
        status = add_selected(arena, query, tables, wanted, buffer);
    }
    if (!status && query->explain) {
        status = add_excluded(arena, query, tables, wanted, buffer);
    }
    buffer_add_string(buffer, "]}");
    return status ? status : buffer->failed;
}

enum status resolution_encode(const struct resolve_query *query, struct group_table *const *tables,
                              const struct history_point *point, struct answer **ret_answer,
                              struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return fail_no_memory(err);
    }
    struct select_query wanted = {.prereleases = query->prereleases};
    enum status status = read_python(arena, query->python, &wanted.python, err);
    if (status) {
        return status;
    }
    scoped(cleanup_buffer) struct buffer buffer;
    buffer_init(&buffer, LIMIT_ANSWER_BYTES);
    status = write_all(arena, query, tables, &wanted, &buffer);
    if (status == STATUS_TOO_LARGE) {
        return fail(err, status, NULL, "The answer is over %d bytes; ask for fewer groups at once",
                    LIMIT_ANSWER_BYTES);
    }
    struct answer *answer = status ? NULL : answer_new(buffer.ptr, buffer.len, point);
    if (!answer) {
        return fail_no_memory(err);
    }
    *ret_answer = answer;
    return STATUS_OK;
}
