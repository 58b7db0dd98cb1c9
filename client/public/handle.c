// SPDX-License-Identifier: MIT
// The opaque types of the public header: opening and closing a handle, and what calls return. Opening sends no
// request and needs nothing but files, so it is in the small library (client/library/): a host that only
// looks plugins up loads neither libcurl nor the readers of archives.
//
// Results show records as the public header declares them. Only the arrays are new; the texts are those of
// the records, which live in the same arena. JSON is made when it is first asked for, and cached: a handle
// belongs to one thread, so no lock is needed.
#include "client/public/handle.h"

#include "client/public/handle_error.h"
#include "schema/base/cleanup.h"
#include "schema/json/json.h"

#include <assert.h>
#include <string.h>

const char *registry_version(void) {
    return REGISTRYD_VERSION;
}

const char *registry_status_name(int status) {
    return status_info((enum status)status)->wire_name;
}

// The handle lives in the arena that it owns, so that one call frees both.
static enum status open_handle(const struct registry_options *options, struct registry **ret,
                               struct error *err) {
    struct connection given = {0};
    if (options) {
        given = (struct connection){
            .url = options->url,
            .token = options->token,
            .environment = options->environment,
            .timeout_ms = options->timeout_ms,
            .insecure_plain = options->insecure_plain,
            .is_cancelled = options->is_cancelled,
            .cancel_context = options->cancel_context,
        };
    }
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct registry *registry = arena ? arena_alloc(arena, sizeof *registry) : NULL;
    if (!registry) {
        return fail_no_memory(err);
    }
    registry->arena = arena;
    registry->is_strict = options && options->strict;
    registry->enforce = arena_strdup(arena, options ? options->enforce : NULL);
    if (options && options->enforce && !registry->enforce) {
        return fail_no_memory(err);
    }
    enum status status = connection_init(arena, &given, &registry->connection, err);
    if (status) {
        return status;
    }
    status = offline_init(registry, options, err);
    if (status) {
        return status;
    }
    arena = NULL; // the handle owns it now
    *ret = registry;
    return STATUS_OK;
}

int registry_open(const struct registry_options *options, struct registry **ret,
                  struct registry_error *err) {
    struct error fault = {0};
    return handle_error(err, open_handle(options, ret, &fault), &fault);
}

void registry_close(struct registry *registry) {
    if (registry) {
        offline_done(registry);
        arena_free(registry->arena);
    }
}

// ---- results ----

struct registry_finding *handle_findings(struct arena *arena, const struct findings *findings) {
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

// The layout of the public struct is part of the ABI; struct record may change with every version.
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
        .findings = handle_findings(arena, &from->findings),
        .finding_count = from->findings.count,
        .settings = from->settings,
        .state = from->state,
    };
    return ret_record->findings;
}

static struct registry_record *show_records(struct arena *arena, const struct records *records) {
    struct registry_record *items =
        arena_array(arena, records->count ? records->count : 1, sizeof *items);
    for (size_t i = 0; items && i < records->count; i++) {
        if (!show_record(arena, &records->items[i], &items[i])) {
            return NULL;
        }
    }
    return items;
}

struct registry_decision *show_decisions(struct arena *arena, const struct decisions *decisions) {
    struct registry_decision *items =
        arena_array(arena, decisions->count ? decisions->count : 1, sizeof *items);
    for (size_t i = 0; items && i < decisions->count; i++) {
        const struct decision *from = &decisions->items[i];
        items[i] = (struct registry_decision){
            .group = from->group,
            .package = from->package,
            .name = from->name,
            .version = from->version,
            .code = from->code,
            .message = from->message,
            .since = from->since,
            .by = from->by,
            .pin = from->pin,
            .settings = from->settings,
            .successor = from->successor,
            .by_name = from->by_name,
            .entry_only = from->entry_only,
        };
    }
    return items;
}

// Takes the arena over, also when it fails.
enum status result_new(struct arena *arena, const struct result_parts *parts,
                       struct registry_result **ret_result, struct error *err) {
    scoped(cleanup_arena) struct arena *owned = arena;
    struct registry_result *result = arena_alloc(arena, sizeof *result);
    if (!result) {
        return fail_no_memory(err);
    }
    *result = (struct registry_result){
        .self = result,
        .arena = arena,
        .records = parts->records,
        .items = show_records(arena, &parts->records),
        .diagnostics = handle_findings(arena, &parts->diagnostics),
        .diagnostic_count = parts->diagnostics.count,
        .withheld = show_records(arena, &parts->withheld),
        .withheld_count = parts->withheld.count,
        .decisions = show_decisions(arena, &parts->decisions),
        .decision_count = parts->decisions.count,
    };
    if (!result->items || !result->diagnostics || !result->withheld || !result->decisions) {
        return fail_no_memory(err);
    }
    take(owned);
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

// Results are const for the caller. `self` is the one way to the member that is filled late.
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

const struct registry_record *registry_result_withheld(const struct registry_result *result,
                                                       size_t *ret_count) {
    *ret_count = result->withheld_count;
    return result->withheld;
}

const struct registry_record *handle_find(const struct registry_result *result, const char *group,
                                          const char *name, const char *package) {
    const struct registry_record *other = NULL;
    for (size_t i = 0; i < result->records.count; i++) {
        const struct registry_record *record = &result->items[i];
        bool is_named = record->group && record->name && !record->shadowed_by &&
                        strcmp(record->group, group) == 0 && strcmp(record->name, name) == 0;
        if (is_named && (!package || (record->package && strcmp(record->package, package) == 0))) {
            return record;
        }
        // A walked plugin may not know its package: it is meant when no other one is there.
        other = is_named && !record->package && !other ? record : other;
    }
    return other;
}

const struct registry_decision *handle_alias(const struct registry_decision *decisions,
                                             size_t count, const char *group, const char *name) {
    for (size_t i = 0; i < count; i++) {
        const struct registry_decision *row = &decisions[i];
        if (strcmp(row->code, "alias") == 0 && strcmp(row->group, group) == 0 && row->name &&
            row->successor && strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

const struct registry_record *registry_result_find(const struct registry_result *result,
                                                   const char *group, const char *name,
                                                   const struct registry_decision **ret_alias) {
    const struct registry_record *record = handle_find(result, group, name, NULL);
    const struct registry_decision *alias =
        record ? NULL : handle_alias(result->decisions, result->decision_count, group, name);
    if (alias) {
        record = handle_find(result, group, alias->successor, alias->package);
    }
    if (ret_alias) {
        *ret_alias = record ? alias : NULL;
    }
    return record;
}

const struct registry_decision *registry_result_decisions(const struct registry_result *result,
                                                          size_t *ret_count) {
    *ret_count = result->decision_count;
    return result->decisions;
}

void registry_result_free(struct registry_result *result) {
    if (result) {
        arena_free(result->arena);
    }
}

// ---- parity reports ----

// Takes the arena over, like result_new.
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

// ---- answers ----

const char *registry_answer_json(const struct registry_answer *answer) {
    return answer->json;
}

const struct registry_finding *registry_answer_findings(const struct registry_answer *answer,
                                                        size_t *ret_count) {
    *ret_count = answer->finding_count;
    return answer->findings;
}

void registry_answer_free(struct registry_answer *answer) {
    if (answer) {
        arena_free(answer->arena);
    }
}

// ---- errors ----

// The sizes of the public struct are part of the ABI; the assertions say when ours outgrow them.
int handle_error(struct registry_error *ret_err, enum status status, const struct error *err) {
    if (ret_err && status) {
        const char *code = status_info(status)->wire_name;
        *ret_err = (struct registry_error){.status = status};
        memcpy(ret_err->code, code, strnlen(code, sizeof ret_err->code - 1));
        static_assert(sizeof ret_err->where == sizeof err->where, "as long as ours");
        static_assert(sizeof ret_err->message == sizeof err->message, "as long as ours");
        memcpy(ret_err->where, err->where, sizeof err->where);
        memcpy(ret_err->message, err->message, sizeof err->message);
    }
    return status;
}
