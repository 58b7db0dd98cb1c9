// SPDX-License-Identifier: MIT
// A table of hashes in which a name has one place: the newer of two names with the same place stays. 64 bits of
// FNV-1a are enough, as a wrong hint costs a statement and nothing else.
#include "registryd/access/known_names.h"

static uint64_t hash_of(const char *name) {
    uint64_t hash = 14695981039346656037u;
    for (const char *c = name; *c; c++) {
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    }
    return hash ? hash : 1; // 0 is an empty place
}

void known_names_add(struct known_names *names, const char *name) {
    uint64_t hash = hash_of(name);
    atomic_store_explicit(&names->slots[hash % KNOWN_NAMES], hash, memory_order_relaxed);
}

bool known_names_have(struct known_names *names, const char *name) {
    uint64_t hash = hash_of(name);
    return atomic_load_explicit(&names->slots[hash % KNOWN_NAMES], memory_order_relaxed) == hash;
}
