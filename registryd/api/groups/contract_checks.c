// SPDX-License-Identifier: MIT
// A wheel without its module is a warning, because an entry point may name a module of another distribution. The owner
// of a group knows whether that can be so, and says so in the contract. A file is held against the contract of now,
// also when its release was published before: each file brings code of its own.
#include "registryd/api/groups/contract_checks.h"

#include "registryd/store/store_lifecycle.h"
#include "schema/json/json.h"

#include <stdlib.h>
#include <string.h>

// "error" or "warning", as linters have them. False after a finding.
static bool read_severity(struct object_reader *reader, const char *where, const json_t *value,
                          bool *ret_is_error) {
    const char *word = json_string_value(value);
    *ret_is_error = word && strcmp(word, "error") == 0;
    if (*ret_is_error || (word && strcmp(word, "warning") == 0)) {
        return true;
    }
    object_add_error(reader, "severity-unknown", where,
                     "Unknown severity. Use \"error\" or \"warning\"");
    return false;
}

// In one order, so that the same checks in another order are no change.
static int compare_codes(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

void contract_checks_decode(struct object_reader *reader, const char *where, const json_t *value,
                            void *target) {
    struct group_contract *contract = target;
    const char *code;
    json_t *severity;
    if (!object_is(reader, where, value, JSON_OBJECT, 0)) {
        return;
    }
    const char **codes = object_array(reader, json_object_size(value), sizeof *codes);
    size_t count = 0;
    json_object_foreach((json_t *)(uintptr_t)value, code, severity) {
        const char *at = json_pointer(reader->arena, where, code);
        bool is_error = false;
        if (!contract_may_judge(code)) {
            object_add_error(reader, "check-unknown", at,
                             "A contract has no check \"%s\". Use entry-point-module-missing, "
                             "entry-point-attribute-missing, manifest-missing, "
                             "declared-file-missing or cross-domain-import.",
                             code);
        } else if (read_severity(reader, at, severity, &is_error) && is_error && codes) {
            codes[count] = arena_strdup(reader->arena, code);
            reader->findings->no_memory |= !codes[count];
            count++;
        }
    }
    if (codes) {
        qsort(codes, count, sizeof *codes, compare_codes);
    }
    contract->errors = (struct strings){codes, count};
}

json_t *contract_checks_encode(const struct group_contract *contract) {
    scoped(cleanup_json) json_t *object = json_object();
    for (size_t i = 0; object && i < contract->errors.count; i++) {
        if (json_object_set_new(object, contract->errors.items[i], json_string("error"))) {
            return NULL;
        }
    }
    return take(object);
}

// The groups of the warnings; a group may be there twice. *ret_count is 0 for most wheels.
static const char **groups_of(const struct findings *findings, size_t *ret_count) {
    const char **groups = arena_array(findings->arena, findings->count + 1, sizeof *groups);
    size_t count = 0;
    for (size_t i = 0; groups && i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        if (finding->severity == SEVERITY_WARNING && finding->group) {
            groups[count++] = finding->group;
        }
    }
    *ret_count = count;
    return groups;
}

enum status contract_checks_apply(struct api *api, struct findings *findings, struct error *err) {
    size_t count = 0;
    struct contract_rows rows;
    const char **groups = groups_of(findings, &count);
    if (!groups) {
        return fail_no_memory(err);
    }
    if (!count) {
        return STATUS_OK;
    }
    enum status status =
        store_contracts_load(api->store, findings->arena, groups, count, &rows, err);
    if (status) {
        return status;
    }
    size_t errors_before = findings->error_count;
    for (size_t i = 0; i < rows.count; i++) {
        contract_judge(&rows.items[i].contract, findings, NULL);
    }
    return findings_fail(findings, errors_before, err);
}
