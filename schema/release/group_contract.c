// SPDX-License-Identifier: MIT
// The names of what a contract can say, and holding a release against it. It is asked when a release is
// published, never when one is served: a contract that grew stricter does not take plugins from hosts that
// run them.
#include "schema/release/group_contract.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/json_schema/json_schema.h"
#include "schema/release/name_pattern.h"
#include "schema/base/list.h"

#include <string.h>

static const char *const kinds[] = {
    [CONTRACT_ANY] = "any",
    [CONTRACT_MODULE] = "module",
    [CONTRACT_CALLABLE] = "callable",
};

static const char *const conflicts[] = {
    [CONTRACT_WARN] = "warn",   [CONTRACT_ALL] = "all",           [CONTRACT_ERROR] = "error",
    [CONTRACT_FIRST] = "first", [CONTRACT_PRIORITY] = "priority",
};

// The place of a name in a list, or its length.
static size_t find_name(const char *const *names, size_t count, const char *name) {
    size_t at = 0;
    while (at < count && strcmp(names[at], name) != 0) {
        at++;
    }
    return at;
}

struct group_contract group_contract_default(const char *group) {
    return (struct group_contract){.group = group};
}

const char *contract_kind_name(enum contract_kind kind) {
    return kinds[kind];
}

const char *contract_conflict_name(enum contract_conflict conflict) {
    return conflicts[conflict];
}

bool contract_kind_find(const char *name, enum contract_kind *ret_kind) {
    size_t at = find_name(kinds, COUNT_OF(kinds), name);
    if (at == COUNT_OF(kinds)) {
        return false;
    }
    *ret_kind = (enum contract_kind)at;
    return true;
}

bool contract_conflict_find(const char *name, enum contract_conflict *ret_conflict) {
    size_t at = find_name(conflicts, COUNT_OF(conflicts), name);
    if (at == COUNT_OF(conflicts)) {
        return false;
    }
    *ret_conflict = (enum contract_conflict)at;
    return true;
}

// What one release is held against.
struct contract_checking {
    const struct group_contract *contract;
    const struct name_pattern *pattern; // NULL = any name
    struct findings *findings;
};

static const char *place_of(const struct contract_checking *checking,
                            const struct entry_point *entry) {
    struct arena *arena = checking->findings->arena;
    const char *group = json_pointer(arena, "/entry_points", entry->group);
    return json_pointer(arena, group, entry->name);
}

static void check_name(const struct contract_checking *checking, const struct entry_point *entry) {
    if (checking->pattern && !name_pattern_matches(checking->pattern, entry->name)) {
        findings_add(checking->findings, SEVERITY_ERROR, "contract-name", place_of(checking, entry),
                     NULL,
                     "The contract of the group %s requires names that match %s; \"%s\" does not",
                     entry->group, checking->contract->name_pattern, entry->name);
    }
}

// A value that is no object reference is found by the release's own rules.
static void check_kind(const struct contract_checking *checking, const struct entry_point *entry) {
    struct object_reference reference;
    enum contract_kind kind = checking->contract->kind;
    if (kind == CONTRACT_ANY || object_reference_parse(text_from(entry->value), &reference, NULL) ||
        (kind == CONTRACT_CALLABLE) == (reference.attr.len > 0)) {
        return;
    }
    findings_add(checking->findings, SEVERITY_ERROR, "contract-kind", place_of(checking, entry),
                 NULL, "The contract of the group %s requires %s, but \"%s\" is %s", entry->group,
                 kind == CONTRACT_MODULE ? "a module (\"package.module\")"
                                         : "an object (\"package.module:name\")",
                 entry->value, kind == CONTRACT_MODULE ? "an object in a module" : "a module");
}

static enum status check_manifest(const struct contract_checking *checking,
                                  const struct json_schema *schema, const struct manifest *manifest,
                                  struct error *err) {
    struct arena *arena = checking->findings->arena;
    scoped(cleanup_json) json_t *json = NULL;
    const char *group = json_pointer(arena, "/manifests", manifest->group);
    enum status status = json_parse(text_from(manifest->json), LIMIT_DOCUMENT_BYTES, &json, err);
    if (status) {
        return status;
    }
    return json_schema_check(schema, json, json_pointer(arena, group, manifest->name),
                             checking->findings, err);
}

// Reads the stored schema. *ret_schema is NULL when it is none: one that was stored before schemas were checked decides
// nothing. *ret_document must outlive the schema; owned.
static enum status read_schema(const struct contract_checking *checking, json_t **ret_document,
                               struct json_schema **ret_schema, struct error *err) {
    struct findings found;
    findings_init(&found, checking->findings->arena);
    enum status status = json_parse(text_from(checking->contract->manifest_schema),
                                    LIMIT_DOCUMENT_BYTES, ret_document, err);
    if (status) {
        return status;
    }
    status = json_schema_read(found.arena, *ret_document, &found, ret_schema, err);
    return status == STATUS_INVALID ? STATUS_OK : status;
}

// An entry point may have no manifest, or one that only its program knows: the schema judges the manifests that
// there are, and is read when there is one.
static enum status check_manifests(const struct contract_checking *checking,
                                   const struct release *release, struct error *err) {
    scoped(cleanup_json) json_t *document = NULL;
    struct json_schema *schema = NULL;
    for (size_t i = 0; checking->contract->manifest_schema && i < release->manifest_count; i++) {
        const struct manifest *manifest = &release->manifests[i];
        if (strcmp(manifest->group, checking->contract->group) != 0) {
            continue;
        }
        enum status status = document ? STATUS_OK : read_schema(checking, &document, &schema, err);
        if (status || !schema) {
            return status;
        }
        status = check_manifest(checking, schema, manifest, err);
        if (status && status != STATUS_INVALID) {
            return status;
        }
    }
    return STATUS_OK;
}

// A pattern that cannot be read is a fault of the stored contract, not of the release.
enum status contract_check(const struct group_contract *contract, const struct release *release,
                           struct findings *findings, struct error *err) {
    struct name_pattern pattern;
    size_t errors_before = findings->error_count;
    if (contract->name_pattern && name_pattern_parse(contract->name_pattern, &pattern, err)) {
        return STATUS_INVALID;
    }
    struct contract_checking checking = {contract, contract->name_pattern ? &pattern : NULL,
                                         findings};
    for (size_t i = 0; i < release->entry_point_count; i++) {
        const struct entry_point *entry = &release->entry_points[i];
        if (strcmp(entry->group, contract->group) == 0) {
            check_name(&checking, entry);
            check_kind(&checking, entry);
        }
    }
    enum status status = check_manifests(&checking, release, err);
    if (status) {
        return status;
    }
    return findings_fail(findings, errors_before, err);
}

// ---- what a wheel holds ----

static const char *const judged_codes[] = {
    "entry-point-module-missing", "entry-point-attribute-missing", "manifest-missing",
    "declared-file-missing",      "cross-domain-import",
};

bool contract_may_judge(const char *code) {
    return find_name(judged_codes, COUNT_OF(judged_codes), code) < COUNT_OF(judged_codes);
}

static bool is_judged(const struct group_contract *contract, const struct finding *finding) {
    const struct strings *errors = &contract->errors;
    return finding->severity == SEVERITY_WARNING && finding->group &&
           strcmp(finding->group, contract->group) == 0 &&
           find_name(errors->items, errors->count, finding->code) < errors->count;
}

// The finding keeps its place and hint, and says whose rule it breaks.
enum status contract_judge(const struct group_contract *contract, struct findings *findings,
                           struct error *err) {
    size_t errors_before = findings->error_count;
    for (size_t i = 0; i < findings->count; i++) {
        struct finding *finding = &findings->items[i];
        if (!is_judged(contract, finding)) {
            continue;
        }
        const char *message =
            arena_printf(findings->arena, "%s. The contract of the group %s makes this an error.",
                         finding->message, contract->group);
        findings->no_memory |= !message;
        finding->message = message ? message : finding->message;
        finding->severity = SEVERITY_ERROR;
        findings->error_count++;
    }
    return findings_fail(findings, errors_before, err);
}
