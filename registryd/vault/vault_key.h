// SPDX-License-Identifier: MIT
// A key that seals secrets, and how it is called where it must not be shown.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
    VAULT_ID_SIZE = 17, // 16 hex digits of the key's hash, and NUL
    VAULT_KEY_BYTES = 32,
    VAULT_KEYS_MAX = 16,
};

struct vault_key {
    uint8_t bytes[VAULT_KEY_BYTES];
    char id[VAULT_ID_SIZE];
};
struct vault_keys {
    struct vault_key items[VAULT_KEYS_MAX]; // the one that seals first
    size_t count;
};
