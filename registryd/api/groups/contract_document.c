// SPDX-License-Identifier: MIT
// The body that sets a contract. PUT means whole: what is not said is as in a group without a contract.
#include "registryd/api/groups/contracts.h"

#include "registryd/request/body.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/release/name_pattern.h"
#include "schema/packaging/name.h"
#include "schema/base/list.h"

#include <string.h>

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
                         "Unknown rule \"%s\". Use all, error, first or priority.", conflict);
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

static void decode_schema(struct object_reader *reader, const char *where, const json_t *value,
                          void *target) {
    struct group_contract *contract = target;
    // true and false are schemas, too (JSON Schema 2020-12, section 4.3.2)
    if (!json_is_boolean(value) && !object_is(reader, where, value, JSON_OBJECT, 0)) {
        return;
    }
    const char *text = json_encode_canonical(reader->arena, value);
    reader->findings->no_memory |= !text;
    if (text && strlen(text) > SCHEMA_BYTES) {
        object_add_error(reader, "text-too-long", where, "%zu bytes; the limit is %d", strlen(text),
                         SCHEMA_BYTES);
    }
    contract->manifest_schema = text;
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
        {"manifest_schema", MEMBER_CUSTOM, .decode = decode_schema},
    };
    static const struct body_form form = {"A contract", members, COUNT_OF(members),
                                          LIMIT_DOCUMENT_BYTES};
    struct group_contract contract = group_contract_default(group);
    enum status status = body_decode(request, &form, findings, &contract, err);
    if (!status) {
        *ret_contract = contract;
    }
    return status;
}
