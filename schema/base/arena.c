// SPDX-License-Identifier: MIT
// Arenas as a list of chunks, the newest first. Chunks double up to a bound, so a small request
// costs one malloc and a large snapshot a few dozen; an oversized object gets a chunk of its own
// behind the current one, whose room is kept in use.
//
//     arena -> [chunk 16 KiB: used ....free] -> [8 KiB, full] -> [4 KiB, full]
//                  ^ the only one that is allocated from
//
#include "schema/base/arena.h"

#include "schema/base/cleanup.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    FIRST_CHUNK_BYTES = 4096,       // a small request needs no more
    LAST_CHUNK_BYTES = 1024 * 1024, // chunks double up to this
    KEPT_CHUNK_BYTES = 64 * 1024,   // the most that a reset keeps
};

struct chunk {
    struct chunk *next;  // older chunks
    size_t size;         // of the whole chunk, header included
    size_t used;         // bytes of `bytes`
    max_align_t bytes[]; // aligned for any type
};

struct arena {
    struct chunk *chunks;    // the newest first
    size_t max_bytes;        // 0: unlimited
    size_t taken_bytes;      // of all chunks
    size_t next_chunk_bytes; // doubles
    arena_may_grow *ask;     // NULL = growing needs no permission
    void *ask_context;
};

struct arena *arena_new(size_t max_bytes) {
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena) {
        arena->max_bytes = max_bytes;
        arena->next_chunk_bytes = FIRST_CHUNK_BYTES;
    }
    return arena;
}

static void free_chunks(struct chunk *chunk) {
    while (chunk) {
        struct chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

void arena_free(struct arena *arena) {
    if (arena) {
        free_chunks(arena->chunks);
        free(arena);
    }
}

// Those that doubled, not those made for one object: they fit whatever comes next.
static bool is_worth_keeping(const struct chunk *chunk) {
    return chunk->size <= KEPT_CHUNK_BYTES && (chunk->size & (chunk->size - 1)) == 0;
}

// Takes the largest chunk that a reset may keep out of the list. NULL when there is none.
static struct chunk *take_kept(struct chunk **chunks) {
    struct chunk **best = NULL;
    for (struct chunk **at = chunks; *at; at = &(*at)->next) {
        if (is_worth_keeping(*at) && (!best || (*at)->size > (*best)->size)) {
            best = at;
        }
    }
    struct chunk *kept = best ? *best : NULL;
    if (kept) {
        *best = kept->next;
    }
    return kept;
}

void arena_reset(struct arena *arena) {
    struct chunk *kept = take_kept(&arena->chunks);
    free_chunks(arena->chunks);
    arena->chunks = kept;
    arena->taken_bytes = kept ? kept->size : 0;
    arena->next_chunk_bytes = FIRST_CHUNK_BYTES;
    if (kept) {
        kept->next = NULL;
        kept->used = sizeof *kept;
        // Growth goes on behind the chunk that was kept.
        while (arena->next_chunk_bytes <= kept->size) {
            arena->next_chunk_bytes *= 2;
        }
    }
}

static struct chunk *add_chunk(struct arena *arena, size_t need) {
    // An object larger than the next chunk would make the current one's room unreachable if it went
    // in front.
    bool oversized = need > arena->next_chunk_bytes;
    size_t size = oversized ? need : arena->next_chunk_bytes;
    if (arena->max_bytes &&
        (arena->taken_bytes > arena->max_bytes || size > arena->max_bytes - arena->taken_bytes)) {
        return NULL;
    }
    if (arena->ask && size >= KEPT_CHUNK_BYTES && !arena->ask(arena->ask_context, size)) {
        return NULL;
    }
    struct chunk *chunk = malloc(size);
    if (!chunk) {
        return NULL;
    }
    chunk->size = size;
    chunk->used = sizeof *chunk;
    arena->taken_bytes += size;
    if (oversized && arena->chunks) {
        chunk->next = arena->chunks->next;
        arena->chunks->next = chunk;
        return chunk;
    }
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    if (arena->next_chunk_bytes < LAST_CHUNK_BYTES) {
        arena->next_chunk_bytes *= 2;
    }
    return chunk;
}

void *arena_alloc(struct arena *arena, size_t size) {
    const size_t align = _Alignof(max_align_t);
    // Rounding up below could otherwise overflow to a small number.
    if (size > SIZE_MAX / 2) {
        return NULL;
    }
    size = (size + align - 1) / align * align;
    struct chunk *chunk = arena->chunks;
    if (!chunk || chunk->size - chunk->used < size) {
        chunk = add_chunk(arena, size + sizeof *chunk);
        if (!chunk) {
            return NULL;
        }
    }
    void *object = (char *)chunk + chunk->used;
    chunk->used += size;
    // A chunk may have been used before (arena_reset), so zeroing is done here and not by the heap.
    return memset(object, 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        return NULL;
    }
    return arena_alloc(arena, bytes);
}

char *arena_copy(struct arena *arena, const void *bytes, size_t len) {
    char *copy = arena_alloc(arena, len + 1);
    if (copy && len) {
        memcpy(copy, bytes, len);
    }
    return copy;
}

char *arena_strdup(struct arena *arena, const char *string) {
    return string ? arena_copy(arena, string, strlen(string)) : NULL;
}

char *arena_printf(struct arena *arena, const char *format, ...) {
    char usual[256]; // most are shorter, and formatting twice is dear
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(usual, sizeof usual, format, args);
    va_end(args);
    char *string = len < 0 ? NULL : arena_alloc(arena, (size_t)len + 1);
    if (string && (size_t)len < sizeof usual) {
        memcpy(string, usual, (size_t)len);
    } else if (string) {
        vsnprintf(string, (size_t)len + 1, format, again);
    }
    va_end(again);
    return string;
}

// Behind the newest chunk, so that its room stays in use.
void arena_adopt(struct arena *arena, struct arena *from) {
    struct chunk **end = arena->chunks ? &arena->chunks->next : &arena->chunks;
    while (*end) {
        end = &(*end)->next;
    }
    *end = from->chunks;
    arena->taken_bytes += from->taken_bytes;
    free(from);
}

void arena_ask(struct arena *arena, arena_may_grow *ask, void *context) {
    arena->ask = ask;
    arena->ask_context = context;
}

size_t arena_size(const struct arena *arena) {
    return arena->taken_bytes;
}
