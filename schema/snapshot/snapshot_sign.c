// SPDX-License-Identifier: MIT
// Signatures over the digest in the header (snapshot_sign.h). The words before the digest keep a
// signature from meaning anything elsewhere, and a later format from being taken for this one.
#include "schema/snapshot/snapshot_sign.h"

#include "schema/digest.h"
#include "schema/snapshot/snapshot_layout.h"

#include <assert.h>

static const char purpose[24] = "registryd snapshot 2";

enum { MESSAGE_BYTES = sizeof purpose + SNAPSHOT_DIGEST_BYTES };

static_assert((int)SNAPSHOT_HEAD_BYTES == (int)HEADER_BYTES, "the head is the header");

static void write_message(const unsigned char *header, unsigned char message[MESSAGE_BYTES]) {
    memcpy(message, purpose, sizeof purpose);
    memcpy(message + sizeof purpose, header + HEADER_DIGEST, SNAPSHOT_DIGEST_BYTES);
}

void snapshot_sign(struct buffer *bytes, const struct signature_pair *pair) {
    unsigned char *header = (unsigned char *)bytes->ptr;
    unsigned char message[MESSAGE_BYTES];
    write_message(header, message);
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
                    "The snapshot is not signed, and a key is pinned: start the registry with "
                    "--snapshot-key");
    }
    if (memcmp(header + HEADER_PUBLIC_KEY, public_key, SIGNATURE_KEY_BYTES) != 0) {
        char hex[SIGNATURE_KEY_HEX];
        signature_write_key(header + HEADER_PUBLIC_KEY, hex);
        return fail(err, STATUS_FORBIDDEN, NULL,
                    "The snapshot is signed with the key %s, which is not the one that is pinned",
                    hex);
    }
    write_message(header, message);
    if (!signature_verify(public_key, message, sizeof message, header + HEADER_SIGNATURE)) {
        return fail(err, STATUS_FORBIDDEN, NULL, "The signature of the snapshot is wrong");
    }
    return STATUS_OK;
}

bool snapshot_signer(const struct snapshot *snapshot, uint8_t ret_key[SIGNATURE_KEY_BYTES]) {
    memcpy(ret_key, snapshot->bytes + HEADER_PUBLIC_KEY, SIGNATURE_KEY_BYTES);
    return snapshot->is_signed;
}

void snapshot_tag(const struct snapshot *snapshot, char ret_tag[SNAPSHOT_TAG_SIZE]) {
    static const char digits[] = "0123456789abcdef";
    const unsigned char *file = snapshot->bytes;
    unsigned char both[SIGNATURE_KEY_BYTES + SNAPSHOT_DIGEST_BYTES];
    unsigned char short_digest[16];
    memcpy(both, file + HEADER_PUBLIC_KEY, SIGNATURE_KEY_BYTES);
    digest_short(file + HEADER_ANSWER, load_u64(file + HEADER_BLOCKS) - HEADER_ANSWER,
                 both + SIGNATURE_KEY_BYTES, SNAPSHOT_DIGEST_BYTES);
    digest_short(both, sizeof both, short_digest, sizeof short_digest);
    char *at = ret_tag;
    *at++ = '"';
    for (size_t i = 0; i < sizeof short_digest; i++) {
        *at++ = digits[short_digest[i] >> 4];
        *at++ = digits[short_digest[i] & 15];
    }
    *at++ = '"';
    *at = '\0';
}
