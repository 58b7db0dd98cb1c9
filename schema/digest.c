// SPDX-License-Identifier: MIT
// SHA-256 by libcrypto, which uses the processor's instructions for it; libsodium's is portable C. The
// plain functions, not EVP: that one loads configuration and providers, which a confined process may
// not, and which everybody would pay for at the start. The hexadecimal is libsodium's.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "schema/digest.h"

#include <assert.h>

#include <openssl/sha.h>
#include <sodium.h>

static_assert(DIGEST_SIZE == SHA256_DIGEST_LENGTH, "one digest");

// Only a null pointer could fail here.
void digest_sha256(const void *bytes, size_t len, uint8_t ret_digest[DIGEST_SIZE]) {
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, bytes, len);
    SHA256_Final(ret_digest, &context);
}

void digest_hex(const uint8_t digest[DIGEST_SIZE], char ret_hex[DIGEST_HEX_SIZE]) {
    sodium_bin2hex(ret_hex, DIGEST_HEX_SIZE, digest, DIGEST_SIZE);
}
