// SPDX-License-Identifier: MIT
// SHA-256, the one digest of releases and artifacts, and BLAKE2b for checksums that must be fast. Pure functions, callable from any thread.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_SIZE = 32, DIGEST_HEX_SIZE = 65 };

void digest_sha256(const void *bytes, size_t len, uint8_t ret_digest[DIGEST_SIZE]);

// BLAKE2b of a length of its own (16 to 64 bytes): the checksums inside snapshots.
void digest_short(const void *bytes, size_t len, uint8_t *ret_digest, size_t digest_len);

// Lower-case hexadecimal with its NUL.
void digest_hex(const uint8_t digest[DIGEST_SIZE], char ret_hex[DIGEST_HEX_SIZE]);
