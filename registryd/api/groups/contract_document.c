// SPDX-License-Identifier: MIT
// The body that sets a contract. PUT means whole: what is not said is as in a group without a contract.
#include "registryd/api/groups/contracts.h"

#include "registryd/request/change_body.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/release/name_pattern.h"
#include "schema/packaging/name.h"
#include "schema/base/list.h"

#include <string.h>

enum { DESCRIPTION_BYTES = 10000, PRIORITY_ITEMS = 100, SCHEMA_BYTES = 256 * 1024 };

static const char *const keys[] = {"owner",    "description", "name_pattern",   "kind",
                                   "conflict", "priority",    "manifest_schema"};
static const struct change_form form = {"A contract", keys, COUNT_OF(keys)};

static const struct report_text owner_member = {"owner", LIMIT_SHORT_TEXT_BYTES, false, true};
static const struct report_text description_member = {"description", DESCRIPTION_BYTES, false,
                                                      false};
static const struct report_text pattern_member = {"name_pattern", LIMIT_SHORT_TEXT_BYTES, false,
                                                  true};
static const struct report_text kind_member = {"kind", LIMIT_NAME_BYTES, false, true};
static const struct report_text conflict_member = {"conflict", LIMIT_NAME_BYTES, false, true};
static const struct report_text priority_member = {"priority", 0, false, false};
static const struct report_text schema_member = {"manifest_schema", 0, false, false};

static void check_pattern(struct report_reading *reading, const char *pattern) {
    struct name_pattern parsed;
    struct error why;
    if (pattern && name_pattern_parse(pattern, &parsed, &why)) {
        report_add_error(reading, "name-pattern-invalid", "/name_pattern", "%s", why.message);
    }
}

static void read_words(struct report_reading *reading, const json_t *object,
                       struct group_contract *contract) {
    const char *kind = report_member_text(reading, object, "", &kind_member);
    const char *conflict = report_member_text(reading, object, "", &conflict_member);
    if (kind && !contract_kind_find(kind, &contract->kind)) {
        report_add_error(reading, "kind-unknown", "/kind",
                         "\"%s\" is none of any, module and callable", kind);
    }
    if (conflict && !contract_conflict_find(conflict, &contract->conflict)) {
        report_add_error(reading, "conflict-unknown", "/conflict",
                         "\"%s\" is none of all, error, first and priority", conflict);
    }
}

// NULL with a finding when the item is no name of a package; false when out of memory.
static bool read_name(struct report_reading *reading, const json_t *item, const char *where,
                      const char **ret_name) {
    struct error why;
    *ret_name = NULL;
    if (!json_is_string(item)) {
        report_add_error(reading, "wrong-type", where, "The name of a package is %s, not a string",
                         json_type_name(item));
        return true;
    }
    enum status status =
        name_normalize(reading->arena, text_from(json_string_value(item)), ret_name, &why);
    if (status && status != STATUS_NO_MEMORY) {
        report_add_error(reading, "name-invalid", where, "%s", why.message);
    }
    return status != STATUS_NO_MEMORY;
}

static bool is_among(const char *const *names, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool read_priority(struct report_reading *reading, const json_t *object,
                          struct strings *ret_names) {
    const json_t *list = report_member(reading, object, "", &priority_member, JSON_ARRAY);
    size_t count = json_array_size(list);
    if (!report_count_fits(reading, "/priority", count, PRIORITY_ITEMS)) {
        return true;
    }
    const char **names = arena_array(reading->arena, count + 1, sizeof *names);
    size_t kept = 0;
    for (size_t i = 0; names && i < count; i++) {
        const char *where = json_pointer_index(reading->arena, "/priority", i);
        const char *name = NULL;
        if (!read_name(reading, json_array_get(list, i), where, &name)) {
            return false;
        }
        if (name && is_among(names, kept, name)) {
            report_add_error(reading, "priority-duplicate", where, "%s stands there already", name);
        } else if (name) {
            names[kept++] = name;
        }
    }
    *ret_names = (struct strings){names, kept};
    return names;
}

static bool read_schema(struct report_reading *reading, const json_t *object,
                        const char **ret_schema) {
    const json_t *schema = report_member(reading, object, "", &schema_member, JSON_OBJECT);
    const char *text = schema ? json_encode_canonical(reading->arena, schema) : NULL;
    if (text && strlen(text) > SCHEMA_BYTES) {
        report_add_error(reading, "text-too-long", "/manifest_schema",
                         "%zu bytes; at most %d are taken here", strlen(text), SCHEMA_BYTES);
    }
    *ret_schema = text;
    return !schema == !text;
}

enum status contract_decode(const struct request *request, const char *group,
                            struct findings *findings, struct group_contract *ret_contract,
                            struct error *err) {
    scoped(cleanup_json) json_t *object = NULL;
    struct report_reading reading = {request->arena, findings};
    struct group_contract contract = group_contract_default(group);
    enum status status = change_body_parse(request, &form, findings, &object, err);
    if (status) {
        return status;
    }
    size_t errors_before = findings->error_count;
    if (!change_body_text(&reading, object, &owner_member, &contract.owner) ||
        !change_body_text(&reading, object, &description_member, &contract.description) ||
        !change_body_text(&reading, object, &pattern_member, &contract.name_pattern) ||
        !read_priority(&reading, object, &contract.priority) ||
        !read_schema(&reading, object, &contract.manifest_schema)) {
        return fail_no_memory(err);
    }
    check_pattern(&reading, contract.name_pattern);
    read_words(&reading, object, &contract);
    status = findings_fail(findings, errors_before, err);
    if (!status) {
        *ret_contract = contract;
    }
    return status;
}
