// SPDX-License-Identifier: MIT
// What the calls return: lists of records, and parity reports, as the public header shows them. Only the
// arrays are made anew; the texts are those of the records, which live in the same arena. JSON is made
// when it is first asked for, and kept: a handle belongs to one thread, so no lock is needed.
#include "client/public/handle.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"

// NULL when out of memory.
static struct registry_finding *show_findings(struct arena *arena,
                                              const struct findings *findings) {
    struct registry_finding *items =
        arena_array(arena, findings->count ? findings->count : 1, sizeof *items);
    for (size_t i = 0; items && i < findings->count; i++) {
        const struct finding *from = &findings->items[i];
        items[i] = (struct registry_finding){
            .is_error = from->severity == SEVERITY_ERROR,
            .code = from->code,
            .where = from->where,
            .message = from->message,
            .hint = from->hint,
        };
    }
    return items;
}

static bool show_record(struct arena *arena, const struct record *from,
                        struct registry_record *ret_record) {
    *ret_record = (struct registry_record){
        .group = from->group,
        .name = from->name,
        .value = from->value,
        .package = from->package,
        .version = from->version,
        .source = from->source,
        .label = from->label,
        .origin = from->origin,
        .manifest = from->manifest,
        .shadowed_by = from->shadowed_by,
        .findings = show_findings(arena, &from->findings),
        .finding_count = from->findings.count,
        .settings = from->settings,
    };
    return ret_record->findings;
}

enum status result_new(struct arena *arena, const struct records *records,
                       const struct findings *diagnostics, struct registry_result **ret_result,
                       struct error *err) {
    static const struct findings none;
    scoped(cleanup_arena) struct arena *owned = arena;
    struct registry_result *result = arena_alloc(arena, sizeof *result);
    size_t count = records->count;
    struct registry_record *items = arena_array(arena, count ? count : 1, sizeof *items);
    struct registry_finding *shown = show_findings(arena, diagnostics ? diagnostics : &none);
    if (!result || !items || !shown) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        if (!show_record(arena, &records->items[i], &items[i])) {
            return fail_no_memory(err);
        }
    }
    *result = (struct registry_result){
        .self = result,
        .arena = take(owned),
        .records = *records,
        .items = items,
        .diagnostics = shown,
        .diagnostic_count = diagnostics ? diagnostics->count : 0,
    };
    *ret_result = result;
    return STATUS_OK;
}

size_t registry_result_count(const struct registry_result *result) {
    return result->records.count;
}

const struct registry_record *registry_result_record(const struct registry_result *result,
                                                     size_t index) {
    return index < result->records.count ? &result->items[index] : NULL;
}

const char *registry_result_json(const struct registry_result *result) {
    struct registry_result *memo = result->self;
    if (!memo->json) {
        json_t *json = records_encode(&result->records);
        memo->json = json ? json_encode_canonical(result->arena, json) : NULL;
        json_decref(json);
    }
    return memo->json;
}

const struct registry_finding *registry_result_diagnostics(const struct registry_result *result,
                                                           size_t *ret_count) {
    *ret_count = result->diagnostic_count;
    return result->diagnostics;
}

void registry_result_free(struct registry_result *result) {
    if (result) {
        arena_free(result->arena);
    }
}

// ---- parity reports ----

enum status parity_new(struct arena *arena, const struct parity *parity,
                       struct registry_parity **ret_parity, struct error *err) {
    scoped(cleanup_arena) struct arena *owned = arena;
    struct registry_parity *handle = arena_alloc(arena, sizeof *handle);
    if (!handle) {
        return fail_no_memory(err);
    }
    *handle = (struct registry_parity){.arena = take(owned), .parity = *parity};
    *ret_parity = handle;
    return STATUS_OK;
}

bool registry_parity_is_equal(const struct registry_parity *handle, bool strict) {
    return parity_is_equal(&handle->parity, strict);
}

const char *registry_parity_json(struct registry_parity *handle) {
    if (!handle->json) {
        json_t *json = parity_encode(&handle->parity, false);
        handle->json = json ? json_encode_canonical(handle->arena, json) : NULL;
        json_decref(json);
    }
    return handle->json;
}

void registry_parity_free(struct registry_parity *handle) {
    if (handle) {
        arena_free(handle->arena);
    }
}
