// SPDX-License-Identifier: MIT
// SHA-256, the one digest of releases and artifacts, and BLAKE2b for checksums that must be fast. Pure functions, callable from any thread.
#pragma once

#include "schema/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// In bytes; DIGEST_HEX_SIZE is two digits for each byte and the NUL.
enum { DIGEST_SIZE = 32, DIGEST_HEX_SIZE = 65 };

void digest_sha256(const void *bytes, size_t len, uint8_t ret_digest[DIGEST_SIZE]);

// BLAKE2b of a length of its own (16 to 64 bytes): the checksums inside snapshots.
void digest_short(const void *bytes, size_t len, uint8_t *ret_digest, size_t digest_len);

// All sums that upload tools send, of a file from its start to its end.
enum { DIGEST_MD5_SIZE = 16 };
struct digest_sums {
    uint8_t sha256[DIGEST_SIZE];
    uint8_t md5[DIGEST_MD5_SIZE];
    uint8_t blake2b[DIGEST_SIZE]; // with 32 bytes, as in blake2_256_digest
};
// Fails with: IO.
// Reads the file once for all three sums, with pread: the position of `fd` does not move.
enum status digest_file(int fd, struct digest_sums *ret_sums, struct error *err);

// Lower-case hexadecimal with its NUL.
void digest_hex(const uint8_t digest[DIGEST_SIZE], char ret_hex[DIGEST_HEX_SIZE]);

// The digest of such a string; false when it is none. Lower-case only: one file has one address.
bool digest_parse(const char *hex, uint8_t ret_digest[DIGEST_SIZE]);
