// SPDX-License-Identifier: MIT
// A lifetime: everything allocated from an arena dies with it. Used for one request, one snapshot,
// one walk. An arena is used by one thread at a time. Allocation failure, or going over the cap, is
// NULL and never aborts.
#pragma once

#include "schema/base/cleanup.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

// Which lifetime to choose, from short to long:
//
//     a step      one walked plugin, one row: arena_reset after each, and the next one uses the same
//                 memory. Nothing of it may be kept; a result is copied to a longer-lived arena.
//     a request   everything that a handler decodes, loads and answers (request->arena). It dies when
//                 the reply has been sent, so replies need no copies.
//     an object   a snapshot, a result, a handle: the arena belongs to the object and is freed with
//                 it. What a thread made for such an object is handed over whole by arena_adopt.
//
// A caller that passes an arena thereby says how long the result lives.

// A new arena; `max_bytes` caps what it may take from the heap, 0 = no cap. Owned; NULL when out of
// memory.
struct arena *arena_new(size_t max_bytes);

// Frees the arena and everything in it. NULL is fine.
void arena_free(struct arena *arena);

// `scoped(cleanup_arena) struct arena *arena = arena_new(0);`
CLEANUP_DEFINE(struct arena *, cleanup_arena, arena_free)

// Frees everything in the arena but keeps the arena, and at most 64 KiB of its memory, for the next
// use: one arena can serve a thread's requests, or a walk's plugins, one after the other.
void arena_reset(struct arena *arena);

// `size` zeroed bytes, aligned for any object. Arena; NULL when out of memory.
void *arena_alloc(struct arena *arena, size_t size);

// Like calloc: an array of `count` zeroed elements; an overflow is NULL.
void *arena_array(struct arena *arena, size_t count, size_t size);

// A NUL-terminated copy of `len` bytes. Arena; NULL when out of memory.
char *arena_copy(struct arena *arena, const void *bytes, size_t len);

// arena_copy of a C string; NULL in gives NULL out.
char *arena_strdup(struct arena *arena, const char *string);

// A formatted string. Arena; NULL when out of memory.
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Moves everything of `from` into `arena`, where it stays at its place, and frees `from`. The cap of
// `arena` is not asked. For what another thread made.
void arena_adopt(struct arena *arena, struct arena *from);

// From now on the arena calls `ask` before it takes a chunk of 64 KiB or more from the heap; false is
// like the end of the memory. NULL ends that. For budgets that many arenas share.
typedef bool arena_may_grow(void *context, size_t bytes);
void arena_ask(struct arena *arena, arena_may_grow *ask, void *context);

// Bytes taken from the heap so far.
size_t arena_size(const struct arena *arena);
