// SPDX-License-Identifier: MIT
// SHA-256 by libcrypto, which uses the processor's instructions for it; libsodium's is portable C. The
// plain functions, not EVP: that one loads configuration and providers, which a confined process may
// not, and which everybody would pay for at the start. The hexadecimal is libsodium's.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "schema/digest.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <openssl/md5.h>
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

// In one pass, so that a large file is read once.
enum status digest_file(int fd, struct digest_sums *ret_sums, struct error *err) {
    enum { PIECE_BYTES = 64 * 1024 };
    unsigned char piece[PIECE_BYTES];
    SHA256_CTX sha256;
    MD5_CTX md5;
    crypto_generichash_state blake2b;
    off_t at = 0;
    ssize_t len;
    SHA256_Init(&sha256);
    MD5_Init(&md5);
    crypto_generichash_init(&blake2b, NULL, 0, DIGEST_SIZE);
    while ((len = pread(fd, piece, sizeof piece, at)) > 0) {
        SHA256_Update(&sha256, piece, (size_t)len);
        MD5_Update(&md5, piece, (size_t)len);
        crypto_generichash_update(&blake2b, piece, (size_t)len);
        at += len;
    }
    if (len < 0) {
        return fail(err, STATUS_IO, NULL, "A file cannot be read: %s", strerror(errno));
    }
    SHA256_Final(ret_sums->sha256, &sha256);
    MD5_Final(ret_sums->md5, &md5);
    crypto_generichash_final(&blake2b, ret_sums->blake2b, DIGEST_SIZE);
    return STATUS_OK;
}

void digest_hex(const uint8_t digest[DIGEST_SIZE], char ret_hex[DIGEST_HEX_SIZE]) {
    sodium_bin2hex(ret_hex, DIGEST_HEX_SIZE, digest, DIGEST_SIZE);
}

// The value of one digit; -1 for any other character.
static int nibble(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool digest_parse(const char *hex, uint8_t ret_digest[DIGEST_SIZE]) {
    if (strlen(hex) != DIGEST_HEX_SIZE - 1) {
        return false;
    }
    for (size_t i = 0; i < DIGEST_SIZE; i++) {
        int high = nibble(hex[2 * i]);
        int low = nibble(hex[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        ret_digest[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
