// SPDX-License-Identifier: MIT
// Ed25519 by libsodium (signature.h).
#include "schema/snapshot/signature.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

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
