// SPDX-License-Identifier: MIT
// SHA-256 by libsodium; this is the only file of the contract that sees it. The hash functions need
// no sodium_init.
#include "schema/digest.h"

#include <sodium.h>

void digest_sha256(const void *bytes, size_t len, uint8_t ret_digest[DIGEST_SIZE]) {
    crypto_hash_sha256(ret_digest, bytes, len);
}

void digest_short(const void *bytes, size_t len, uint8_t *ret_digest, size_t digest_len) {
    crypto_generichash(ret_digest, digest_len, bytes, len, NULL, 0);
}

void digest_hex(const uint8_t digest[DIGEST_SIZE], char ret_hex[DIGEST_HEX_SIZE]) {
    sodium_bin2hex(ret_hex, DIGEST_HEX_SIZE, digest, DIGEST_SIZE);
}
