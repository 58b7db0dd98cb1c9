// SPDX-License-Identifier: MIT
// Moving the bytes of files between the database and the object store, a stretch at a time. A file can be downloaded at
// every moment; what is moved is verified by its digest before the copy that it had is given up.
#pragma once

#include "registryd/store/store.h"

struct file_move {
    enum file_place to;
    const char *after; // hex of the digest after which to go on; "" = from the start
    int64_t until_ms;  // of monotonic_ms(): no file is begun later, but the first one
};

struct file_move_problem {
    const char *sha256; // hex
    const char *reason;
};

struct file_move_outcome {
    int64_t moved; // files
    int64_t moved_bytes;
    int64_t left; // behind `next`
    int64_t left_bytes;
    const char *next;                   // to go on with; NULL: the end was reached
    struct file_move_problem *problems; // files that stay where they are
    size_t problem_count;
};

// Arena. Files that cannot be moved (their bytes are not what their digest says) are problems and not a failure.
// Fails with: CONFLICT (there is no object store), UNAVAILABLE (it is away; what was moved stays moved), FORBIDDEN (the
// role of the daemon may not: it was not admitted with an object store).
enum status store_files_move(struct store *store, struct arena *arena, const struct file_move *move,
                             struct file_move_outcome *ret_outcome, struct error *err);
