// SPDX-License-Identifier: MIT
// From the outside in:
//
//     [{"version": 1,
//       "verification_material": {"certificate": BASE64, "transparency_entries": [{…}, …]},
//       "envelope": {"statement": BASE64, "signature": BASE64}}, …]
//
// and the statement, which is JSON again (in-toto, version 1):
//
//     {"_type": …, "subject": [{"name": FILE NAME, "digest": {"sha256": HEX}}], "predicateType": …, "predicate": …}
//
// Members that the standard does not name are left alone, because signatures cover the statement as it came.
#include "registryd/api/legacy/attestations.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/digest.h"
#include "schema/json/json.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char statement_type[] = "https://in-toto.io/Statement/v1";
static const char *const predicate_types[] = {
    "https://docs.pypi.org/attestations/publish/v1",
    "https://slsa.dev/provenance/v1",
};

static enum status refuse(size_t number, const char *member, const char *what, struct error *err) {
    char where[80];
    snprintf(where, sizeof where, "/attestations/%zu%s", number, member);
    return fail(err, STATUS_MALFORMED, where, "The attestation %zu is not valid: %s", number + 1,
                what);
}

// The bytes of a base64 text; owned. NULL when it is none, or is empty.
static char *decode_base64(const json_t *text, size_t *ret_len) {
    size_t size = json_string_length(text);
    char *bytes = size ? malloc(size) : NULL;
    const char *end = NULL;
    bool is_valid =
        bytes && !sodium_base642bin((unsigned char *)bytes, size, json_string_value(text), size,
                                    NULL, ret_len, &end, sodium_base64_VARIANT_ORIGINAL);
    if (!is_valid || *end || !*ret_len) {
        free(bytes);
        return NULL;
    }
    return bytes;
}

static bool is_base64(const json_t *text) {
    size_t len;
    scoped(cleanup_memory) char *bytes = decode_base64(text, &len);
    return bytes != NULL;
}

static bool is_about(const json_t *subjects, const struct uploaded_file *file) {
    char hex[DIGEST_HEX_SIZE];
    const json_t *subject = json_array_get(subjects, 0);
    const char *name = json_string_value(json_object_get(subject, "name"));
    const char *digest =
        json_string_value(json_object_get(json_object_get(subject, "digest"), "sha256"));
    digest_hex(file->sha256, hex);
    return json_array_size(subjects) == 1 && name && digest && strcmp(name, file->filename) == 0 &&
           strcasecmp(digest, hex) == 0;
}

static bool is_known_predicate(const char *type) {
    for (size_t i = 0; type && i < COUNT_OF(predicate_types); i++) {
        if (strcmp(type, predicate_types[i]) == 0) {
            return true;
        }
    }
    return false;
}

static enum status check_statement(const json_t *envelope, size_t number,
                                   const struct uploaded_file *file, struct error *err) {
    static const char member[] = "/envelope/statement";
    size_t len = 0;
    scoped(cleanup_memory) char *bytes =
        decode_base64(json_object_get(envelope, "statement"), &len);
    scoped(cleanup_json) json_t *statement = NULL;
    if (!bytes || json_parse((struct text){bytes, len}, ATTESTATIONS_BYTES_MAX, &statement, NULL)) {
        return refuse(number, member, "the statement is not base64 of JSON", err);
    }
    const char *type = json_string_value(json_object_get(statement, "_type"));
    if (!type || strcmp(type, statement_type) != 0) {
        return refuse(number, member, "the statement is not an in-toto statement of version 1",
                      err);
    }
    if (!is_known_predicate(json_string_value(json_object_get(statement, "predicateType")))) {
        return refuse(number, member, "the type of its predicate is not supported", err);
    }
    if (!is_about(json_object_get(statement, "subject"), file)) {
        return refuse(number, member,
                      "its only subject must be this file, with its name and sha256", err);
    }
    return STATUS_OK;
}

static enum status check_one(const json_t *attestation, size_t number,
                             const struct uploaded_file *file, struct error *err) {
    const json_t *material = json_object_get(attestation, "verification_material");
    const json_t *envelope = json_object_get(attestation, "envelope");
    if (json_integer_value(json_object_get(attestation, "version")) != 1) {
        return refuse(number, "/version", "its version must be 1", err);
    }
    if (!is_base64(json_object_get(material, "certificate"))) {
        return refuse(number, "/verification_material/certificate", "the certificate is not base64",
                      err);
    }
    const json_t *entries = json_object_get(material, "transparency_entries");
    if (!json_array_size(entries) || !json_is_object(json_array_get(entries, 0))) {
        return refuse(number, "/verification_material/transparency_entries",
                      "it has no entry of a transparency log", err);
    }
    if (!is_base64(json_object_get(envelope, "signature"))) {
        return refuse(number, "/envelope/signature", "the signature is not base64", err);
    }
    return check_statement(envelope, number, file, err);
}

enum status attestations_check(const char *text, const struct uploaded_file *file,
                               struct error *err) {
    scoped(cleanup_json) json_t *list = NULL;
    struct error why;
    enum status status = json_parse(text_from(text), ATTESTATIONS_BYTES_MAX, &list, &why);
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    size_t count = json_array_size(list);
    if (status || !count || count > ATTESTATIONS_MAX) {
        return fail(err, STATUS_MALFORMED, "attestations",
                    "The field attestations must be a JSON array of 1 to %d attestations",
                    ATTESTATIONS_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        status = check_one(json_array_get(list, i), i, file, err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}
