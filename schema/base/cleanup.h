// SPDX-License-Identifier: MIT
// Scoped handles: what a function opens is closed when the scope ends, and leaves the function only
// through take(). The only macros with statements in the project live here.
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// `scoped(cleanup_fd) int fd = -1;` calls cleanup_fd(&fd) at the end of the scope. (Not called
// `cleanup`: jansson's json_auto_t spells the attribute with that word.)
// The idiom in full. Every early return closes the file and frees the draft; success hands it over:
//
//     scoped(cleanup_file) FILE *file = fopen(path, "re");
//     if (!file) {
//         return fail(err, STATUS_IO, path, "%s", strerror(errno));
//     }
//     scoped(cleanup_memory) char *draft = malloc(DRAFT_BYTES);
//     if (!draft) {
//         return fail_no_memory(err);
//     }
//     ...
//     *ret_draft = take(draft);
//     return STATUS_OK;
//
// A handle is set when it is declared: the cleanup also runs over a value that was never assigned.
#define scoped(function) __attribute__((__cleanup__(function)))

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
