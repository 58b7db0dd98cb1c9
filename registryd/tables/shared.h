// SPDX-License-Identifier: MIT
// Blocks of memory that several tables hold at once. The count stands in front of the block, so that the
// resolver, which only reads, sees plain data. Any thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// A block that is held once, aligned for pointers and numbers. Owned; NULL when out of memory.
void *shared_alloc(size_t size);

// Another holder; the same block.
void *shared_ref(void *block);

// One holder fewer. True when that was the last one: then the caller lets go of what the block holds, and
// frees it by shared_free.
bool shared_unref(void *block);
void shared_free(void *block);
