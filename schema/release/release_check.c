// SPDX-License-Identifier: MIT
// struct release -> struct valid_release: every rule of the table, then the canonical document and
// the digest that decides identity. The digest leaves the provenance out: where a document came from
// does not make it another release.
#include "schema/base/limits.h"
#include "schema/digest.h"
#include "schema/json/json.h"
#include "schema/release/release_rules.h"

#include <string.h>

// The digest is that of the canonical text without its provenance.
static enum status make_document(struct arena *arena, struct valid_release *valid,
                                 struct error *err) {
    scoped(cleanup_json) json_t *json = release_encode(&valid->release);
    valid->document = json ? json_encode_canonical(arena, json) : NULL;
    if (!valid->document) {
        return fail_no_memory(err);
    }
    valid->document_len = strlen(valid->document);
    json_object_del(json, "provenance");
    const char *identity = json_encode_canonical(arena, json);
    if (!identity) {
        return fail_no_memory(err);
    }
    digest_sha256(identity, strlen(identity), valid->digest);
    return STATUS_OK;
}

// All rules run, whatever the ones before found: an author sees every fault at once.
enum status release_check(struct arena *arena, const struct release *release,
                          struct findings *findings, const struct valid_release **ret_valid,
                          struct error *err) {
    size_t errors_before = findings->error_count;
    struct valid_release *valid = arena_alloc(arena, sizeof *valid);
    if (!valid) {
        return fail_no_memory(err);
    }
    valid->release = *release;
    struct checking checking = {arena, findings, release, valid};
    for (size_t i = 0; i < release_rule_count; i++) {
        release_rules[i].check(&checking);
    }
    enum status status = findings_fail(findings, errors_before, err);
    if (status) {
        return status;
    }
    status = make_document(arena, valid, err);
    if (!status && valid->document_len > LIMIT_DOCUMENT_BYTES) {
        checking_add(&checking, "document-too-large", "",
                     "The document has %zu bytes; the limit is %d", valid->document_len,
                     LIMIT_DOCUMENT_BYTES);
        status = findings_fail(findings, errors_before, err);
    }
    if (status) {
        return status;
    }
    *ret_valid = valid;
    return STATUS_OK;
}
