// SPDX-License-Identifier: MIT
// Kept pages about packages: what is written from a package's rows alone, the same for every reader. A page hangs at
// its package, and every change of the package drops it, so an unchanged page costs no question to the
// database. Packages share a fixed number of slots: a change may drop a few pages too many, never one too few.
#pragma once

#include "registryd/index/answer_cache.h"

#include <stdint.h>

enum { PAGE_SLOTS = 1024 };

struct page_slot {
    struct answer_links answers;
    uint64_t
        changes; // how often the slot was emptied: a page that was begun before that is not kept
};

struct page_slots {
    struct page_slot all; // pages about every package
    struct page_slot items[PAGE_SLOTS];
};

// Packages whose pages are to be dropped.
struct page_marks {
    bool any;
    bool items[PAGE_SLOTS];
};

// Remembers that a package changed.
void page_marks_add(struct page_marks *marks, const char *package);

// Drops pages. Under the index's lock. NULL marks drop all of them.
void package_pages_forget(struct page_slots *slots, struct answer_cache *cache,
                          const struct page_marks *marks);

// The same for one package.
void package_pages_forget_one(struct page_slots *slots, struct answer_cache *cache,
                              const char *package);
