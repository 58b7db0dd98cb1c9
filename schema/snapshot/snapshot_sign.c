// SPDX-License-Identifier: MIT
// Ed25519 by libsodium, and the signature over the digest in a snapshot's header (snapshot_sign.h).
// The words before the digest keep a signature from meaning anything elsewhere, and one format from
// being accepted as another. Pure but for the random seed; any thread.
#include "schema/snapshot/snapshot_sign.h"

#include "schema/digest.h"
#include "schema/snapshot/signature.h"
#include "schema/snapshot/snapshot_layout.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

enum { PURPOSE_BYTES = 24, MESSAGE_BYTES = PURPOSE_BYTES + SNAPSHOT_DIGEST_BYTES };

static const char purpose[PURPOSE_BYTES] = "registryd snapshot 3";
static const char purpose_old[PURPOSE_BYTES] = "registryd snapshot 2";

// The shorter header: enough to measure a file of either version.
static_assert((int)SNAPSHOT_HEAD_BYTES == (int)HEADER_BYTES_OLD, "a head is a header");

static void write_message(const unsigned char *header, unsigned char message[MESSAGE_BYTES]) {
    bool is_old = load_u32(header + HEADER_VERSION) == SNAPSHOT_VERSION_OLD;
    memcpy(message, is_old ? purpose_old : purpose, PURPOSE_BYTES);
    memcpy(message + PURPOSE_BYTES, header + HEADER_DIGEST, SNAPSHOT_DIGEST_BYTES);
}

void snapshot_sign(struct buffer *bytes, const struct signature_pair *pair) {
    unsigned char *header = (unsigned char *)bytes->ptr;
    unsigned char message[MESSAGE_BYTES];
    write_message(header, message);
    // The digest is signed, and the check covers flag, key and signature; it is therefore made
    // last.
    store_u32(header + HEADER_FLAGS, SNAPSHOT_SIGNED);
    memcpy(header + HEADER_PUBLIC_KEY, pair->public_key, SIGNATURE_KEY_BYTES);
    signature_sign(pair, message, sizeof message, header + HEADER_SIGNATURE);
    snapshot_check_bytes(header, header + HEADER_CHECK);
}

enum status snapshot_verify(const struct snapshot *snapshot,
                            const uint8_t public_key[SIGNATURE_KEY_BYTES], struct error *err) {
    const unsigned char *header = snapshot->bytes;
    unsigned char message[MESSAGE_BYTES];
    if (!snapshot->is_signed) {
        return fail(err, STATUS_FORBIDDEN, NULL,
                    "The snapshot is not signed, but a key is pinned. Start the registry with "
                    "--snapshot-key.");
    }
    // Compared before the signature: a valid signature of another key proves nothing.
    if (memcmp(header + HEADER_PUBLIC_KEY, public_key, SIGNATURE_KEY_BYTES) != 0) {
        char hex[SIGNATURE_KEY_HEX];
        signature_write_key(header + HEADER_PUBLIC_KEY, hex);
        return fail(err, STATUS_FORBIDDEN, NULL,
                    "The snapshot is signed with the key %s, not with the pinned key", hex);
    }
    write_message(header, message);
    if (!signature_verify(public_key, message, sizeof message, header + HEADER_SIGNATURE)) {
        return fail(err, STATUS_FORBIDDEN, NULL, "The signature of the snapshot is not valid");
    }
    return STATUS_OK;
}

bool snapshot_signer(const struct snapshot *snapshot, uint8_t ret_key[SIGNATURE_KEY_BYTES]) {
    memcpy(ret_key, snapshot->bytes + HEADER_PUBLIC_KEY, SIGNATURE_KEY_BYTES);
    return snapshot->is_signed;
}

// From HEADER_ANSWER on: two files of one answer, made at different times, have one tag. The key is
// part of it, because a client that pins a key must get the file anew when the key changes.
void snapshot_tag(const struct snapshot *snapshot, char ret_tag[SNAPSHOT_TAG_SIZE]) {
    const unsigned char *file = snapshot->bytes;
    unsigned char both[SIGNATURE_KEY_BYTES + SNAPSHOT_DIGEST_BYTES];
    unsigned char short_digest[16];
    memcpy(both, file + HEADER_PUBLIC_KEY, SIGNATURE_KEY_BYTES);
    digest_short(file + HEADER_ANSWER, load_u64(file + HEADER_BLOCKS) - HEADER_ANSWER,
                 both + SIGNATURE_KEY_BYTES, SNAPSHOT_DIGEST_BYTES);
    digest_short(both, sizeof both, short_digest, sizeof short_digest);
    ret_tag[0] = '"';
    sodium_bin2hex(ret_tag + 1, SNAPSHOT_TAG_SIZE - 1, short_digest, sizeof short_digest);
    memcpy(ret_tag + 1 + 2 * sizeof short_digest, "\"", 2);
}

// ---- keys ----

static_assert(SIGNATURE_KEY_BYTES == crypto_sign_PUBLICKEYBYTES, "a public key");
static_assert(SIGNATURE_KEY_BYTES == crypto_sign_SEEDBYTES, "a seed");
static_assert(SIGNATURE_BYTES == crypto_sign_BYTES, "a signature");
static_assert(sizeof((struct signature_pair *)0)->secret == crypto_sign_SECRETKEYBYTES, "a secret");

void signature_make_seed(uint8_t ret_seed[SIGNATURE_KEY_BYTES]) {
    randombytes_buf(ret_seed, SIGNATURE_KEY_BYTES);
}

void signature_pair_init(const uint8_t seed[SIGNATURE_KEY_BYTES], struct signature_pair *ret_pair) {
    crypto_sign_seed_keypair(ret_pair->public_key, ret_pair->secret, seed);
}

bool signature_parse_key(const char *hex, uint8_t ret_key[SIGNATURE_KEY_BYTES]) {
    size_t len = 0;
    return strlen(hex) == SIGNATURE_KEY_HEX - 1 &&
           sodium_hex2bin(ret_key, SIGNATURE_KEY_BYTES, hex, SIGNATURE_KEY_HEX - 1, NULL, &len,
                          NULL) == 0 &&
           len == SIGNATURE_KEY_BYTES;
}

void signature_write_key(const uint8_t key[SIGNATURE_KEY_BYTES], char ret_hex[SIGNATURE_KEY_HEX]) {
    sodium_bin2hex(ret_hex, SIGNATURE_KEY_HEX, key, SIGNATURE_KEY_BYTES);
}

void signature_sign(const struct signature_pair *pair, const void *message, size_t len,
                    uint8_t ret_signature[SIGNATURE_BYTES]) {
    crypto_sign_detached(ret_signature, NULL, message, len, pair->secret);
}

bool signature_verify(const uint8_t public_key[SIGNATURE_KEY_BYTES], const void *message,
                      size_t len, const uint8_t signature[SIGNATURE_BYTES]) {
    return crypto_sign_verify_detached(signature, message, len, public_key) == 0;
}

// Here and not in digest.c: a process that only reads snapshots need not load libcrypto.
void digest_short(const void *bytes, size_t len, uint8_t *ret_digest, size_t digest_len) {
    crypto_generichash(ret_digest, digest_len, bytes, len, NULL, 0);
}
