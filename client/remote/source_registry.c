// SPDX-License-Identifier: MIT
// What a program reads from a registry: GET /v1/resolve as records, GET /v1/changes as a list. An answer comes
// from another program, perhaps a newer one: unknown members and kinds of change are accepted, and a missing
// member that the caller needs is UNREACHABLE, as if no registry had answered. All texts are copied into the
// caller's arena, because the JSON of the answer dies here.
#include "client/remote/source_registry.h"

#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <string.h>

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
            .eligible_at = copy_member(arena, item, "eligible_at"),
        };
        if (!items[i].package || !items[i].version || !items[i].code) {
            return fail(err, STATUS_MALFORMED, "/excluded",
                        "An excluded release must have package, version and code");
        }
    }
    resolution->excluded = items;
    resolution->excluded_count = count;
    return STATUS_OK;
}

static enum status decode_unknown(struct arena *arena, const json_t *array,
                                  struct resolution *resolution, struct error *err) {
    size_t count = json_array_size(array);
    struct misspelling *items = arena_array(arena, count + 1, sizeof *items);
    if (!items) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(array, i);
        bool is_package = json_object_get(item, "package");
        items[i] = (struct misspelling){
            .text = copy_member(arena, item, is_package ? "package" : "name"),
            .nearest = copy_member(arena, item, "nearest"),
            .is_package = is_package,
        };
        if (!items[i].text) {
            return fail(err, STATUS_MALFORMED, "/unknown", "An unknown name must have a text");
        }
    }
    resolution->unknown = items;
    resolution->unknown_count = count;
    return STATUS_OK;
}

// An answer that cannot be read is the registry's fault, not the caller's: the status is that of
// a registry that does not answer, so that callers fall back to their snapshot.
static enum status fail_answer(const struct error *fault, struct error *err) {
    if (fault->status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    return fail(err, STATUS_UNREACHABLE, fault->where,
                "The registry's answer cannot be understood: %s", fault->message);
}

// A registry of an earlier version sends no decisions.
static enum status decode_decisions(struct arena *arena, const json_t *answer,
                                    struct resolution *resolution, struct error *err) {
    const json_t *decisions = json_object_get(answer, "decisions");
    const char *plugins =
        json_string_value(json_object_get(json_object_get(answer, "policy"), "plugins"));
    const char *settings = json_string_value(json_object_get(answer, "settings"));
    resolution->is_listed_only = plugins && strcmp(plugins, "listed") == 0;
    resolution->settings_left_out = settings && strcmp(settings, "left-out") == 0;
    resolution->has_decisions = decisions;
    return decisions ? decisions_decode(arena, answer, &resolution->decisions, err) : STATUS_OK;
}

static enum status decode_resolution(struct arena *arena, const json_t *answer,
                                     struct resolution *ret, struct error *err) {
    struct resolution resolution = {0};
    struct error fault = {0};
    const json_t *records = json_object_get(answer, "records");
    if (records_decode(arena, records, &resolution.records, &fault)) {
        return fail_answer(&fault, err);
    }
    if (decode_excluded(arena, json_object_get(answer, "excluded"), &resolution, &fault)) {
        return fail_answer(&fault, err);
    }
    if (decode_unknown(arena, json_object_get(answer, "unknown"), &resolution, &fault)) {
        return fail_answer(&fault, err);
    }
    if (decode_decisions(arena, answer, &resolution, &fault)) {
        return fail_answer(&fault, err);
    }
    resolution.has_more = json_is_string(json_object_get(answer, "next"));
    *ret = resolution;
    return STATUS_OK;
}

// "?group=a&group=b&environment=prod&python=3.11&explain=1": a parameter without a value is left
// out by api_call_add_query.
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
        return fail(err, STATUS_USAGE, NULL, "Name an entry-point group");
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
    return decode_resolution(arena, answer, ret_resolution, err);
}

// ---- the feed of changes ----

// ["a.b", "c"] gives "a.b, c".
static const char *join_groups(struct arena *arena, const json_t *groups) {
    const char *text = "";
    for (size_t i = 0; text && i < json_array_size(groups); i++) {
        const char *group = json_string_value(json_array_get(groups, i));
        text = arena_printf(arena, "%s%s%s", text, i ? ", " : "", group ? group : "?");
    }
    return text;
}

// Serials start at 1: a 0 is a member that is missing or no number.
static enum status decode_change(struct arena *arena, const json_t *item, struct change *ret_change,
                                 struct error *err) {
    *ret_change = (struct change){
        .serial = json_integer_value(json_object_get(item, "serial")),
        .kind = copy_member(arena, item, "kind"),
        .package = copy_member(arena, item, "package"),
        .version = copy_member(arena, item, "version"),
        .at = copy_member(arena, item, "at"),
        .groups = join_groups(arena, json_object_get(item, "groups")),
    };
    bool is_change = ret_change->serial > 0 && ret_change->kind && ret_change->groups;
    return is_change ? STATUS_OK
                     : fail(err, STATUS_UNREACHABLE, NULL,
                            "The registry's list of changes cannot be understood");
}

// The epoch must be there: serials of another history cannot be compared with ours.
static enum status decode_changes(struct arena *arena, const json_t *answer,
                                  struct changes *ret_changes, struct error *err) {
    const json_t *array = json_object_get(answer, "changes");
    struct changes changes = {.count = json_array_size(array),
                              .serial = json_integer_value(json_object_get(answer, "serial")),
                              .epoch = copy_member(arena, answer, "epoch"),
                              .epoch_number =
                                  json_integer_value(json_object_get(answer, "epoch_number"))};
    changes.items = arena_array(arena, changes.count ? changes.count : 1, sizeof *changes.items);
    if (!changes.items) {
        return fail_no_memory(err);
    }
    if (!json_is_array(array) || !changes.epoch) {
        return fail(err, STATUS_UNREACHABLE, NULL,
                    "The registry's list of changes cannot be understood");
    }
    for (size_t i = 0; i < changes.count; i++) {
        enum status status = decode_change(arena, json_array_get(array, i), &changes.items[i], err);
        if (status) {
            return status;
        }
    }
    *ret_changes = changes;
    return STATUS_OK;
}

enum status changes_load(struct arena *arena, const struct connection *connection, int64_t since,
                         int wait_seconds, struct changes *ret_changes, struct error *err) {
    scoped(cleanup_json) json_t *answer = NULL;
    struct connection patient = *connection;
    struct api_call call = {.arena = arena, .connection = &patient};
    patient.timeout_ms += wait_seconds * 1000; // the registry may wait so long before it answers
    struct fetch_request request = {
        .method = "GET",
        .path = arena_printf(arena, "/v1/changes?since=%lld&limit=1000&wait=%d", (long long)since,
                             wait_seconds),
    };
    enum status status =
        request.path ? api_call_json(&call, &request, &answer, err) : fail_no_memory(err);
    if (status) {
        return status;
    }
    return decode_changes(arena, answer, ret_changes, err);
}
