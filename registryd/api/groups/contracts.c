// SPDX-License-Identifier: MIT
// Contracts of groups. Most registries have few, and publishing must not pay for asking: a release is
// published as if there were none, and only when the store says that there are is it held against them.
// That also leaves a release that is there already what it is: published again, it is no news.
//
//     store_publish, contract_revision = 0
//         no contract concerns it, or the release is there already  -> done
//         is_unchecked -> contracts_check reads contracts and their revisions -> publish again
//
// The revision says against which contracts the release was checked. A contract that changes
// between the check and the second publish makes that one unchecked, too, hence the attempts.
#include "registryd/api/groups/contracts.h"
#include "registryd/api/groups/contract_checks.h"
#include "registryd/api/groups/contract_trial.h"
#include "registryd/api/groups/handlers.h"

#include "registryd/request/change_reply.h"
#include "registryd/request/query.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_schema.h"
#include "schema/packaging/entry_point.h"
#include "schema/release/name_pattern.h"
#include "schema/packaging/name.h"
#include "schema/base/list.h"
#include "registryd/api/groups/group_path.h"
#include "registryd/request/body.h"

#include <string.h>

enum { ATTEMPTS_MAX = 3 };

static size_t count_dots(const char *group) {
    size_t count = 0;
    for (const char *c = group; *c; c++) {
        count += *c == '.';
    }
    return count;
}

// Only a group's own contract checks its entry points. Those above are loaded because the store's
// revision (groups_revision) is the sum over the whole lineage: both sums must agree. The group and
// those above it: "a.b.c" gives also "a.b" and "a". False when out of memory.
static bool add_lineage(struct arena *arena, const char *group, const char **groups,
                        size_t *count) {
    groups[(*count)++] = group;
    for (const char *c = group; *c; c++) {
        const char *above = *c == '.' ? arena_copy(arena, group, (size_t)(c - group)) : group;
        if (!above) {
            return false;
        }
        if (above != group) {
            groups[(*count)++] = above;
        }
    }
    return true;
}

// The groups of a release with those above them; some may be there twice. NULL when out of memory.
static const char **groups_of(struct arena *arena, const struct release *release,
                              size_t *ret_count) {
    // Counted first, because arena arrays do not grow: a group with two dots has two groups above
    // it.
    size_t most = release->entry_point_count;
    for (size_t i = 0; i < release->entry_point_count; i++) {
        most += count_dots(release->entry_points[i].group);
    }
    const char **groups = arena_array(arena, most + 1, sizeof *groups);
    const char *before = "";
    *ret_count = 0;
    for (size_t i = 0; groups && i < release->entry_point_count; i++) {
        const char *group = release->entry_points[i].group;
        bool is_known = strcmp(before, group) == 0; // sorted by group: release_check
        if (!is_known && !add_lineage(arena, group, groups, ret_count)) {
            return NULL;
        }
        before = group;
    }
    return groups;
}

enum status contracts_check(struct api *api, const struct valid_release *release,
                            struct findings *findings, int64_t *ret_revision, struct error *err) {
    size_t count = 0;
    struct contract_rows rows;
    const char **groups = groups_of(findings->arena, &release->release, &count);
    if (!groups) {
        return fail_no_memory(err);
    }
    enum status status =
        store_contracts_load(api->store, findings->arena, groups, count, &rows, err);
    if (status) {
        return status;
    }
    int64_t revision = 0;
    struct error first = {0}; // all breaches become findings; the first is the answer's sentence
    for (size_t i = 0; i < rows.count; i++) {
        struct error breach;
        enum status held =
            contract_check(&rows.items[i].contract, &release->release, findings, &breach);
        if (held && !status) {
            first = breach;
            status = held;
        }
        // Revisions only grow, so the sum changes when any of the contracts does.
        revision += rows.items[i].revision;
    }
    if (status) {
        return fail(err, status, first.where, "%s", first.message);
    }
    *ret_revision = revision;
    return STATUS_OK;
}

enum status contracts_publish(struct api *api, struct contracts_order *order,
                              struct findings *findings, struct publish_outcome *ret_outcome,
                              struct error *err) {
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
        struct publish_outcome outcome;
        enum status status =
            store_publish(api->store, order->release, &order->publisher, &outcome, err);
        if (!status && !outcome.is_unchecked) {
            *ret_outcome = outcome;
        }
        if (status || !outcome.is_unchecked) {
            return status;
        }
        status = contracts_check(api, order->release, findings, &order->publisher.contract_revision,
                                 err);
        if (status) {
            return status;
        }
    }
    return fail(err, STATUS_UNAVAILABLE, NULL,
                "The contracts of its groups changed during the publish. Retry the request.");
}

static json_t *encode_schema(const char *text) {
    return text ? json_loads(text, JSON_DECODE_ANY, NULL) : json_null();
}

static json_t *encode_deprecated(const struct group_contract *contract) {
    return contract->deprecated ? json_pack("{s:s,s:o}", "message", contract->deprecated,
                                            "successor", json_text(contract->successor))
                                : json_null();
}

json_t *contract_encode(const struct group_contract *contract) {
    scoped(cleanup_json) json_t *priority = json_array();
    for (size_t i = 0; priority && i < contract->priority.count; i++) {
        if (json_array_append_new(priority, json_text(contract->priority.items[i]))) {
            return NULL;
        }
    }
    // clang-format off
    return json_pack("{s:o,s:o,s:o,s:s,s:s,s:o,s:o,s:o,s:o,s:o}",
                     "owner", json_text(contract->owner),
                     "description", json_text(contract->description),
                     "name_pattern", json_text(contract->name_pattern),
                     "kind", contract_kind_name(contract->kind),
                     "conflict", contract_conflict_name(contract->conflict),
                     "priority", take(priority),
                     "manifest_schema", encode_schema(contract->manifest_schema),
                     "settings_schema", encode_schema(contract->settings_schema),
                     "checks", contract_checks_encode(contract),
                     "deprecated", encode_deprecated(contract));
    // clang-format on
}

// What setting the contract would do and would refuse of what is there.
static enum status reply_trial(struct api *api, const struct request *request, struct reply *reply,
                               const struct group_contract *contract, struct error *err) {
    scoped(cleanup_json) json_t *report = NULL;
    struct contract_rows rows;
    enum status status =
        store_contracts_load(api->store, request->arena, &contract->group, 1, &rows, err);
    if (status) {
        return status;
    }
    status = contract_try(api, contract, &report, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *before =
        rows.count ? contract_encode(&rows.items[0].contract) : NULL;
    scoped(cleanup_json) json_t *after = contract_encode(contract);
    json_t *json = json_pack("{s:s,s:O,s:b,s:b}", "name", contract->group, "contract", after,
                             "dry_run", 1, "would_change", !before || !json_equal(before, after));
    if (!json || json_object_update(json, report)) {
        json_decref(json);
        return fail_no_memory(err);
    }
    return reply_json(request, reply, json, err);
}

enum status contracts_set(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    static const struct query_rule rules[] = {{.name = "dry_run"}};
    const char *group = NULL;
    bool is_dry_run = false;
    struct group_contract contract;
    struct lifecycle_outcome outcome;
    enum status status = query_begin(api, request, rules, COUNT_OF(rules), err);
    if (status) {
        return status;
    }
    status = query_flag(request, "dry_run", &is_dry_run, err);
    if (status) {
        return status;
    }
    status = group_path_read(request, &group, err);
    if (status) {
        return status;
    }
    status = contract_decode(request, group, findings, &contract, err);
    if (status) {
        return status;
    }
    if (is_dry_run) {
        return reply_trial(api, request, reply, &contract, err);
    }
    status = store_contract_set(api->store, &contract, request->actor, &outcome, err);
    if (status) {
        return status;
    }
    json_t *json = json_pack("{s:s,s:o}", "name", group, "contract", contract_encode(&contract));
    return change_reply(api, request, reply, &outcome, json, err);
}

// ---- the document ----

// The body that sets a contract. PUT means whole: what is not said is as in a group without a contract.

enum { DESCRIPTION_BYTES = 10000, PRIORITY_ITEMS = 100, SCHEMA_BYTES = 256 * 1024 };

static void decode_pattern(struct object_reader *reader, const char *where, const json_t *value,
                           void *target) {
    struct group_contract *contract = target;
    struct name_pattern parsed;
    struct error why;
    const char *text = object_text(reader, where, value, LIMIT_SHORT_TEXT_BYTES, true);
    if (!text || !text_trim(text_from(text)).len) {
        return;
    }
    contract->name_pattern = text;
    if (name_pattern_parse(text, &parsed, &why)) {
        object_add_cause(reader, "name-pattern-invalid", where, &why);
    }
}

static void decode_kind(struct object_reader *reader, const char *where, const json_t *value,
                        void *target) {
    struct group_contract *contract = target;
    const char *kind = object_text(reader, where, value, LIMIT_NAME_BYTES, true);
    if (kind && !contract_kind_find(kind, &contract->kind)) {
        object_add_error(reader, "kind-unknown", where,
                         "Unknown kind \"%s\". Use any, module or callable.", kind);
    }
}

static void decode_conflict(struct object_reader *reader, const char *where, const json_t *value,
                            void *target) {
    struct group_contract *contract = target;
    const char *conflict = object_text(reader, where, value, LIMIT_NAME_BYTES, true);
    if (conflict && !contract_conflict_find(conflict, &contract->conflict)) {
        object_add_error(reader, "conflict-unknown", where,
                         "Unknown rule \"%s\". Use warn, all, error, first or priority.", conflict);
    }
}

static bool is_among(const char *const *names, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void decode_priority(struct object_reader *reader, const char *where, const json_t *value,
                            void *target) {
    struct group_contract *contract = target;
    size_t index;
    json_t *item;
    if (!object_is(reader, where, value, JSON_ARRAY, PRIORITY_ITEMS)) {
        return;
    }
    const char **names = object_array(reader, json_array_size(value), sizeof *names);
    size_t count = 0;
    json_array_foreach(value, index, item) {
        const char *at = json_pointer_index(reader->arena, where, index);
        const char *text = object_text(reader, at, item, LIMIT_NAME_BYTES, true);
        const char *name = NULL;
        struct error why;
        if (!names || !text) {
            continue;
        }
        if (name_normalize(reader->arena, text_from(text), &name, &why)) {
            object_add_cause(reader, "name-invalid", at, &why);
        } else if (is_among(names, count, name)) {
            object_add_error(reader, "priority-duplicate", at,
                             "The package %s is already in the list", name);
        } else {
            names[count++] = name;
        }
    }
    contract->priority = (struct strings){names, count};
}

// The mistakes of a schema, each at its place in the body of the request.
static void read_schema(struct object_reader *reader, const char *where, const json_t *value) {
    struct findings found;
    struct json_schema *schema = NULL;
    findings_init(&found, reader->arena);
    enum status status = json_schema_read(reader->arena, value, &found, &schema, NULL);
    reader->findings->no_memory |= status == STATUS_NO_MEMORY;
    for (size_t i = 0; i < found.count; i++) {
        const struct finding *finding = &found.items[i];
        const char *place = arena_printf(reader->arena, "%s%s", where, finding->where);
        findings_add(reader->findings, finding->severity, finding->code, place, finding->hint, "%s",
                     finding->message);
    }
}

// The text of a schema; NULL when it is none.
static const char *take_schema(struct object_reader *reader, const char *where,
                               const json_t *value) {
    // true and false are schemas, too (JSON Schema 2020-12, section 4.3.2)
    if (!json_is_boolean(value) && !object_is(reader, where, value, JSON_OBJECT, 0)) {
        return NULL;
    }
    const char *text = json_encode_canonical(reader->arena, value);
    reader->findings->no_memory |= !text;
    if (text && strlen(text) > SCHEMA_BYTES) {
        object_add_error(reader, "text-too-long", where, "%zu bytes; the limit is %d", strlen(text),
                         SCHEMA_BYTES);
    }
    read_schema(reader, where, value);
    return text;
}

static void decode_manifest_schema(struct object_reader *reader, const char *where,
                                   const json_t *value, void *target) {
    ((struct group_contract *)target)->manifest_schema = take_schema(reader, where, value);
}

static void decode_settings_schema(struct object_reader *reader, const char *where,
                                   const json_t *value, void *target) {
    ((struct group_contract *)target)->settings_schema = take_schema(reader, where, value);
}

static void decode_successor(struct object_reader *reader, const char *where, const json_t *value,
                             void *target) {
    struct group_contract *contract = target;
    struct error why;
    const char *text = object_text(reader, where, value, LIMIT_GROUP_BYTES, true);
    if (!text || !*text) {
        return;
    }
    if (entry_point_group_check(text_from(text), &why)) {
        object_add_cause(reader, "successor-invalid", where, &why);
    } else if (strcmp(text, contract->group) == 0) {
        object_add_error(reader, "successor-invalid", where, "The group cannot replace itself");
    }
    contract->successor = text;
}

// {"message": "Use the other", "successor": "acme.plugins2"}
static void decode_deprecated(struct object_reader *reader, const char *where, const json_t *value,
                              void *target) {
    static const struct object_member members[] = {
        {"message", MEMBER_LINE, offsetof(struct group_contract, deprecated), .required = true,
         .max = LIMIT_SHORT_TEXT_BYTES},
        {"successor", MEMBER_CUSTOM, .decode = decode_successor},
    };
    object_decode(reader, where, value, members, COUNT_OF(members), target);
}

enum status contract_decode(const struct request *request, const char *group,
                            struct findings *findings, struct group_contract *ret_contract,
                            struct error *err) {
    static const struct object_member members[] = {
        {"owner", MEMBER_LINE, offsetof(struct group_contract, owner),
         .max = LIMIT_SHORT_TEXT_BYTES},
        {"description", MEMBER_TEXT, offsetof(struct group_contract, description),
         .max = DESCRIPTION_BYTES},
        {"name_pattern", MEMBER_CUSTOM, .decode = decode_pattern},
        {"kind", MEMBER_CUSTOM, .decode = decode_kind},
        {"conflict", MEMBER_CUSTOM, .decode = decode_conflict},
        {"priority", MEMBER_CUSTOM, .decode = decode_priority},
        {"manifest_schema", MEMBER_CUSTOM, .decode = decode_manifest_schema},
        {"settings_schema", MEMBER_CUSTOM, .decode = decode_settings_schema},
        {"checks", MEMBER_CUSTOM, .decode = contract_checks_decode},
        {"deprecated", MEMBER_CUSTOM, .decode = decode_deprecated},
    };
    static const struct body_form form = {"A contract", members, COUNT_OF(members),
                                          LIMIT_DOCUMENT_BYTES};
    // The defaults allow everything, so an empty object removes every rule.
    struct group_contract contract = group_contract_default(group);
    enum status status = body_decode(request, &form, findings, &contract, err);
    if (status) {
        return status;
    }
    *ret_contract = contract;
    return STATUS_OK;
}
