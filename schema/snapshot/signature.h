// SPDX-License-Identifier: MIT
// Ed25519: who made a snapshot. A key is 32 bytes, written as 64 hexadecimal digits; the secret one is
// the seed that the pair is made from. Pure functions but for signature_make_seed; any thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIGNATURE_KEY_BYTES = 32, // Ed25519
    SIGNATURE_KEY_HEX = 65,   // with its NUL
    SIGNATURE_BYTES = 64,     // Ed25519
};

// Hosts pin the public key, as hexadecimal digits. Whoever has the secret one can sign.
struct signature_pair {
    uint8_t public_key[SIGNATURE_KEY_BYTES]; // what hosts are given
    uint8_t secret[64];                      // as libsodium keeps it: seed and public key
};

// Fills the seed of a new pair with random bytes.
void signature_make_seed(uint8_t ret_seed[SIGNATURE_KEY_BYTES]);
void signature_pair_init(const uint8_t seed[SIGNATURE_KEY_BYTES], struct signature_pair *ret_pair);

// Reads exactly 64 hexadecimal digits. False when the text is anything else.
bool signature_parse_key(const char *hex, uint8_t ret_key[SIGNATURE_KEY_BYTES]);
void signature_write_key(const uint8_t key[SIGNATURE_KEY_BYTES], char ret_hex[SIGNATURE_KEY_HEX]);

void signature_sign(const struct signature_pair *pair, const void *message, size_t len,
                    uint8_t ret_signature[SIGNATURE_BYTES]);
bool signature_verify(const uint8_t public_key[SIGNATURE_KEY_BYTES], const void *message,
                      size_t len, const uint8_t signature[SIGNATURE_BYTES]);
