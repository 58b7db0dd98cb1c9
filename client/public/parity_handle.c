// SPDX-License-Identifier: MIT
// struct registry_parity: a parity report behind the public header.
#include "client/public/handle.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"

enum status report_new(struct arena *arena, const struct parity *parity,
                       struct registry_parity **ret_report, struct error *err) {
    scoped(cleanup_arena) struct arena *owned = arena;
    struct registry_parity *report = arena_alloc(arena, sizeof *report);
    if (!report) {
        return fail_no_memory(err);
    }
    *report = (struct registry_parity){.arena = take(owned), .parity = *parity};
    *ret_report = report;
    return STATUS_OK;
}

bool registry_parity_is_equal(const struct registry_parity *report, bool strict) {
    return parity_is_equal(&report->parity, strict);
}

const char *registry_parity_json(struct registry_parity *report) {
    if (!report->json) {
        json_t *json = parity_encode(&report->parity, false);
        report->json = json ? json_encode_canonical(report->arena, json) : NULL;
        json_decref(json);
    }
    return report->json;
}

void registry_parity_free(struct registry_parity *report) {
    if (report) {
        arena_free(report->arena);
    }
}
