// SPDX-License-Identifier: MIT
// The signature is over some words and the SHA-256 of the line. The words keep a signature from meaning anything
// elsewhere: one of a snapshot is never one of a statement. What kind of statement a line is, stands in the line.
// Pure functions; any thread.
#include "schema/snapshot/signed_text.h"

#include "schema/base/limits.h"
#include "schema/digest.h"
#include "schema/json/json.h"

#include <stdio.h>
#include <string.h>

enum { PURPOSE_BYTES = 24, MESSAGE_BYTES = PURPOSE_BYTES + DIGEST_SIZE };

static const char purpose[PURPOSE_BYTES] = "registryd statement 1";

static void write_message(struct text line, uint8_t ret_message[MESSAGE_BYTES]) {
    memcpy(ret_message, purpose, PURPOSE_BYTES);
    digest_sha256(line.ptr, line.len, ret_message + PURPOSE_BYTES);
}

static void write_hex(const uint8_t *bytes, size_t len, char *ret_hex) {
    for (size_t i = 0; i < len; i++) {
        snprintf(ret_hex + 2 * i, 3, "%02x", bytes[i]);
    }
}

const char *signed_text_make(struct arena *arena, struct text line,
                             const struct signature_pair *pair) {
    uint8_t message[MESSAGE_BYTES];
    uint8_t signature[SIGNATURE_BYTES];
    char key_hex[SIGNATURE_KEY_HEX];
    char signature_hex[2 * SIGNATURE_BYTES + 1];
    if (!pair) {
        return arena_printf(arena, "%.*s\n{\"public_key\": null, \"signature\": null}\n",
                            (int)line.len, line.ptr);
    }
    write_message(line, message);
    signature_sign(pair, message, sizeof message, signature);
    signature_write_key(pair->public_key, key_hex);
    write_hex(signature, sizeof signature, signature_hex);
    return arena_printf(arena, "%.*s\n{\"public_key\": \"%s\", \"signature\": \"%s\"}\n",
                        (int)line.len, line.ptr, key_hex, signature_hex);
}

// ---- opening ----

// A signature is two keys long, and its halves are read as such.
static bool read_signature(const char *hex, uint8_t ret_signature[SIGNATURE_BYTES]) {
    char half[SIGNATURE_KEY_HEX];
    if (!hex || strlen(hex) != (size_t)2 * SIGNATURE_BYTES) {
        return false;
    }
    memcpy(half, hex, sizeof half - 1);
    half[sizeof half - 1] = '\0';
    return signature_parse_key(half, ret_signature) &&
           signature_parse_key(hex + SIGNATURE_BYTES, ret_signature + SIGNATURE_KEY_BYTES);
}

static enum status fail_unsigned(struct error *err) {
    return fail(
        err, STATUS_FORBIDDEN, NULL,
        "The statement is not signed. Start the registry with --snapshot-key, or export with "
        "--sign-with");
}

static enum status verify(struct text line, const json_t *seal, const uint8_t *public_key,
                          struct error *err) {
    uint8_t message[MESSAGE_BYTES];
    uint8_t signature[SIGNATURE_BYTES];
    uint8_t key[SIGNATURE_KEY_BYTES];
    const char *hex = json_string_value(json_object_get(seal, "public_key"));
    if (!hex) {
        return fail_unsigned(err);
    }
    if (!signature_parse_key(hex, key) || memcmp(key, public_key, sizeof key) != 0) {
        return fail(err, STATUS_FORBIDDEN, NULL,
                    "The statement is signed with the key %.64s, not with the given key", hex);
    }
    write_message(line, message);
    bool is_good =
        read_signature(json_string_value(json_object_get(seal, "signature")), signature) &&
        signature_verify(public_key, message, sizeof message, signature);
    return is_good
               ? STATUS_OK
               : fail(err, STATUS_FORBIDDEN, NULL, "The signature of the statement is not valid");
}

enum status signed_text_open(struct text text, const uint8_t *public_key, struct text *ret_line,
                             struct error *err) {
    struct text rest = text;
    struct text line;
    struct text second;
    scoped(cleanup_json) json_t *seal = NULL;
    if (!text_split(&rest, '\n', &line) || !text_split(&rest, '\n', &second) || rest.len) {
        return fail(err, STATUS_MALFORMED, NULL, "A statement has two lines");
    }
    enum status status = json_parse(second, LIMIT_SMALL_BODY_BYTES, &seal, err);
    if (status) {
        return status;
    }
    status = public_key ? verify(line, seal, public_key, err) : STATUS_OK;
    if (status) {
        return status;
    }
    *ret_line = line;
    return STATUS_OK;
}
