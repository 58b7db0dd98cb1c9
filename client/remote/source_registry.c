// SPDX-License-Identifier: MIT
// GET /v1/resolve, and its answer as records.
#include "client/remote/source_registry.h"

#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"

static const char *copy_member(struct arena *arena, const json_t *object, const char *key) {
    return arena_strdup(arena, json_string_value(json_object_get(object, key)));
}

static enum status decode_excluded(struct arena *arena, const json_t *array,
                                   struct resolution *resolution, struct error *err) {
    size_t count = json_array_size(array);
    struct excluded *items = arena_array(arena, count ? count : 1, sizeof *items);
    if (!items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(array, i);
        items[i] = (struct excluded){
            .package = copy_member(arena, item, "package"),
            .version = copy_member(arena, item, "version"),
            .code = copy_member(arena, item, "code"),
            .detail = copy_member(arena, item, "detail"),
        };
        if (!items[i].package || !items[i].version || !items[i].code) {
            return fail(err, STATUS_MALFORMED, "/excluded",
                        "A release that was left out needs package, version and code");
        }
    }
    resolution->excluded = items;
    resolution->excluded_count = count;
    return STATUS_OK;
}

static enum status decode(struct arena *arena, const json_t *answer, struct resolution *ret,
                          struct error *err) {
    struct resolution resolution = {0};
    struct error fault = {0};
    const json_t *records = json_object_get(answer, "records");
    enum status status = records_decode(arena, records, &resolution.records, &fault);
    status = status
                 ? status
                 : decode_excluded(arena, json_object_get(answer, "excluded"), &resolution, &fault);
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (status) {
        return fail(err, STATUS_UNREACHABLE, fault.where,
                    "The registry's answer cannot be understood: %s", fault.message);
    }
    resolution.has_more = json_is_string(json_object_get(answer, "next"));
    *ret = resolution;
    return STATUS_OK;
}

void source_registry_add_query(struct buffer *path, const struct connection *connection,
                               const struct source_query *query) {
    for (size_t i = 0; i < query->group_count; i++) {
        api_call_add_query(path, "group", query->groups[i]);
    }
    api_call_add_query(path, "environment", connection->environment);
    api_call_add_query(path, "python", query->python);
    api_call_add_query(path, "prereleases", query->prereleases ? "1" : NULL);
    api_call_add_query(path, "explain", query->explain ? "1" : NULL);
    for (size_t i = 0; i < query->fact_count; i++) {
        api_call_add_query(path, query->facts[i].name, query->facts[i].value);
    }
}

enum status source_registry(struct arena *arena, const struct connection *connection,
                            const struct source_query *query, struct resolution *ret_resolution,
                            struct error *err) {
    if (!query->group_count) {
        return fail(err, STATUS_USAGE, NULL, "Say which entry-point group is wanted");
    }
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, LIMIT_DOCUMENT_BYTES);
    buffer_add_string(&path, "/v1/resolve");
    source_registry_add_query(&path, connection, query);
    if (path.failed) {
        return fail(err, path.failed, NULL, "The query is too long");
    }
    struct fetch_request request = {.method = "GET", .path = path.ptr};
    scoped(cleanup_json) json_t *answer = NULL;
    struct api_call call = {.arena = arena, .connection = connection};
    enum status status = api_call_json(&call, &request, &answer, err);
    if (status) {
        return status;
    }
    return decode(arena, answer, ret_resolution, err);
}
