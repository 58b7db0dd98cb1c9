// SPDX-License-Identifier: MIT
// A table from texts to what was found out about them, which grows in an arena. The texts are borrowed.
#pragma once

#include "schema/base/arena.h"

#include <stdint.h>

struct requirement_memo_slot {
    uint32_t hash;
    const char *text; // NULL: free
    void *verdict;    // arena
};

struct requirement_memo {
    struct requirement_memo_slot *slots; // a power of two; NULL at first
    size_t capacity;
    size_t count;
};

// The slot of a text, which is put in when it is new. A new slot has no verdict: the caller judges
// the text and sets it. A caller whose text does not live as long as the memo also sets `text` to a
// copy. `hash` is that of requirement_hash(text). Borrowed until the next call, which may move the
// slots. NULL when out of memory.
struct requirement_memo_slot *requirement_memo_find(struct requirement_memo *memo,
                                                    struct arena *arena, const char *text,
                                                    uint32_t hash);
