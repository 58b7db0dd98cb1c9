// SPDX-License-Identifier: MIT
// Makes the n-th allocation fail: for tests named test_no_memory*.c, which are linked with --wrap for
// malloc, calloc and realloc. Ours and jansson's allocations go through it; those of other libraries
// do not. Include it in one file of a program; one thread at a time.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static long allowed = -1; // allocations before one fails; -1: none fails
static bool has_failed;   // since the last allow()

static bool fails(void) {
    if (allowed < 0) {
        return false;
    }
    has_failed = has_failed || allowed == 0;
    return allowed == 0 || allowed-- == 0;
}

void *__wrap_malloc(size_t size) {
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size) {
    return fails() ? NULL : __real_realloc(old, size);
}

// From now on `count` allocations succeed and all later ones fail; -1: all succeed.
static void allow(long count) {
    json_set_alloc_funcs(__wrap_malloc, free);
    allowed = count;
    has_failed = false;
}
