// SPDX-License-Identifier: MIT
// The two hashes of the daemon's memory: entity tags (equal bodies have equal tags through any daemon
// and after any restart), and the keyed hash of its tables (strangers choose the keys, and must not
// be able to choose their places). Pure but for the seed; any thread.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { ETAG_SIZE = 48 }; // with quotes and NUL

void hash_etag(const char *body, size_t len, char ret_etag[ETAG_SIZE]);

struct hash_seed {
    unsigned char bytes[16];
};

void hash_seed_init(struct hash_seed *seed);
// The numbers differ in every run, so they must neither be stored nor sent.
uint64_t hash_keyed(const struct hash_seed *seed, const char *key, size_t len);
