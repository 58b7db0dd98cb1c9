// SPDX-License-Identifier: MIT
// GET /v1/groups/{group}, and of its "contract" what judges entry points and manifests: the pattern of names, the
// kind of values and the schema of manifests. The other members (owner, conflicts) are about the registry.
#include "client/remote/group_contracts.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <string.h>

static bool is_asked(const char *const *asked, size_t count, const char *group) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(asked[i], group) == 0) {
            return true;
        }
    }
    return false;
}

static enum status decode(const struct api_call *call, const json_t *json, const char *group,
                          struct group_contract *ret_contract, struct error *err) {
    struct arena *arena = call->arena;
    const json_t *schema = json_object_get(json, "manifest_schema");
    const char *pattern = json_string_value(json_object_get(json, "name_pattern"));
    const char *kind = json_string_value(json_object_get(json, "kind"));
    struct group_contract contract = group_contract_default(group);
    if (kind && !contract_kind_find(kind, &contract.kind)) {
        contract.kind = CONTRACT_ANY; // a kind that only a newer registry knows
    }
    contract.name_pattern = arena_strdup(arena, pattern);
    contract.manifest_schema =
        schema && !json_is_null(schema) ? json_encode_canonical(arena, schema) : NULL;
    bool whole = (!pattern || contract.name_pattern) &&
                 (!schema || json_is_null(schema) || contract.manifest_schema);
    *ret_contract = contract;
    return whole ? STATUS_OK : fail_no_memory(err);
}

static enum status load(const struct api_call *call, const char *group,
                        struct asked_contracts *contracts, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, LIMIT_PATH_BYTES);
    buffer_add_string(&path, "/v1/groups/");
    api_call_add_encoded(&path, group);
    struct fetch_request request = {.method = "GET", .path = path.ptr};
    enum status status =
        path.failed ? STATUS_NOT_FOUND : api_call_json(call, &request, &answer, err);
    if (status) {
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    const json_t *contract = json_object_get(answer, "contract");
    if (!json_is_object(contract)) {
        return STATUS_OK;
    }
    return decode(call, contract, group, &contracts->items[contracts->count++], err);
}

enum status group_contracts_load(const struct api_call *call, const struct records *records,
                                 struct asked_contracts *ret_contracts, struct error *err) {
    struct asked_contracts contracts = {0};
    const char **asked = arena_array(call->arena, records->count + 1, sizeof *asked);
    contracts.items = arena_array(call->arena, records->count + 1, sizeof *contracts.items);
    size_t count = 0;
    if (!asked || !contracts.items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < records->count; i++) {
        const char *group = records->items[i].group;
        if (!group || is_asked(asked, count, group)) {
            continue;
        }
        asked[count++] = group;
        enum status status = load(call, group, &contracts, err);
        if (status) {
            return status;
        }
    }
    *ret_contracts = contracts;
    return STATUS_OK;
}
