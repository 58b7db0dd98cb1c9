// SPDX-License-Identifier: MIT
// Scoped handles: what a function opens is closed when the scope ends, and leaves the function only
// through take(). The only macros with statements in the project live here.
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// `cleanup(json_free) json_t *x = NULL;` calls json_free(&x) at the end of the scope.
#define cleanup(function) __attribute__((cleanup(function)))

// Defines `static inline void name(type *handle)`, which calls `release(*handle)` unless it is NULL.
#define CLEANUP_DEFINE(type, name, release)                                                        \
    static inline void name(type *handle) {                                                        \
        if (*handle) {                                                                             \
            release(*handle);                                                                      \
        }                                                                                          \
    }

// The pointer, leaving NULL behind: how an owned handle leaves its scope.
#define take(pointer)                                                                              \
    (__extension__({                                                                               \
        __typeof__(pointer) taken_ = (pointer);                                                    \
        (pointer) = NULL;                                                                          \
        taken_;                                                                                    \
    }))

static inline void cleanup_fd(const int *fd) {
    if (*fd >= 0) {
        close(*fd);
    }
}

static inline void cleanup_memory(void *pointer) {
    free(*(void **)pointer);
}

CLEANUP_DEFINE(FILE *, cleanup_file, fclose)
