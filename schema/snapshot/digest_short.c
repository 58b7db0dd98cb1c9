// SPDX-License-Identifier: MIT
// BLAKE2b, apart from digest.c: who only reads snapshots need not load libcrypto.
#include "schema/digest.h"

#include <sodium.h>

void digest_short(const void *bytes, size_t len, uint8_t *ret_digest, size_t digest_len) {
    crypto_generichash(ret_digest, digest_len, bytes, len, NULL, 0);
}
