// SPDX-License-Identifier: MIT
// Tags are BLAKE2b of 128 bits in hex between quotes; the keyed hash is SipHash.
#include "registryd/hash/etag.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

enum { TAG_BYTES = 16 };

// No key, so the same body has the same tag in every daemon. A tag is 32 hex digits between quotes.
// That of an empty body is "cae66941d9efbd404e4d88758ea67670".
void hash_etag(const char *body, size_t len, char ret_etag[ETAG_SIZE]) {
    unsigned char hash[TAG_BYTES];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)body, len, NULL, 0);
    ret_etag[0] = '"';
    sodium_bin2hex(ret_etag + 1, 2 * TAG_BYTES + 1, hash, sizeof hash);
    ret_etag[1 + 2 * TAG_BYTES] = '"';
    ret_etag[2 + 2 * TAG_BYTES] = '\0';
}

// Random and never shown. A client who knew the seed could choose keys that all fall into one
// bucket.
void hash_seed_init(struct hash_seed *seed) {
    static_assert(sizeof seed->bytes == crypto_shorthash_KEYBYTES, "a key is a seed");
    randombytes_buf(seed->bytes, sizeof seed->bytes);
}

uint64_t hash_keyed(const struct hash_seed *seed, const char *key, size_t len) {
    uint64_t number;
    unsigned char hash[sizeof number];
    static_assert(sizeof hash == crypto_shorthash_BYTES, "a hash is a number");
    crypto_shorthash(hash, (const unsigned char *)key, len, seed->bytes);
    memcpy(&number, hash, sizeof number);
    return number;
}
