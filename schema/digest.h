// SPDX-License-Identifier: MIT
// SHA-256, the one digest of releases and artifacts. Pure functions, callable from any thread.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_SIZE = 32, DIGEST_HEX_SIZE = 65 };

void digest_sha256(const void *bytes, size_t len, uint8_t ret_digest[DIGEST_SIZE]);

// Lower-case hexadecimal with its NUL.
void digest_hex(const uint8_t digest[DIGEST_SIZE], char ret_hex[DIGEST_HEX_SIZE]);
