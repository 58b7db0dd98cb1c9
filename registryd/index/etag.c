// SPDX-License-Identifier: MIT
// BLAKE2b of 128 bits in hex between quotes.
#include "registryd/index/etag.h"

#include <sodium.h>

enum { HASH_BYTES = 16 };

void etag_make(const char *body, size_t len, char ret_etag[ETAG_SIZE]) {
    unsigned char hash[HASH_BYTES];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)body, len, NULL, 0);
    ret_etag[0] = '"';
    sodium_bin2hex(ret_etag + 1, 2 * HASH_BYTES + 1, hash, sizeof hash);
    ret_etag[1 + 2 * HASH_BYTES] = '"';
    ret_etag[2 + 2 * HASH_BYTES] = '\0';
}
