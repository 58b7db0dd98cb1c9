// SPDX-License-Identifier: MIT
// A count of eight bytes in front of each block: packages are many and small, so it is not padded further.
// Taking a reference orders nothing, because the taker already holds one; giving the last one up must see
// all that other holders did before they gave up theirs.
#include "registryd/tables/shared.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

struct holders {
    _Alignas(int64_t) atomic_int count;
};

static struct holders *holders_of(void *block) {
    return (struct holders *)block - 1;
}

// The count stands in front of what the caller gets.
void *shared_alloc(size_t size) {
    struct holders *holders = malloc(sizeof *holders + size);
    if (!holders) {
        return NULL;
    }
    atomic_init(&holders->count, 1);
    return holders + 1;
}

void *shared_ref(void *block) {
    atomic_fetch_add_explicit(&holders_of(block)->count, 1, memory_order_relaxed);
    return block;
}

bool shared_unref(void *block) {
    return atomic_fetch_sub_explicit(&holders_of(block)->count, 1, memory_order_acq_rel) == 1;
}

void shared_free(void *block) {
    free(holders_of(block));
}
