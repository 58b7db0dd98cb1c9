// SPDX-License-Identifier: MIT
// The files of a plugin directory that belong into its wheel. Links are followed inside the directory; caches
// and hidden files are left out. One thread.
#pragma once

#include "client/fs/rooted_dir.h"

struct packed_file {
    const char *path; // from the directory, with '/'
    bool is_executable;
};

// The order is part of the result: the same files in the same order give the same wheel, byte by
// byte.
struct packed_files {
    struct packed_file *items; // sorted by path, byte-wise
    size_t count;
    size_t capacity;
    size_t left_out; // hidden files, caches, compiled files
};

// Lists the files below the directory. Arena.
// Fails with: INVALID (a link that leaves the directory, a pipe, a path that is not UTF-8: err->where says
// which), TOO_LARGE (more files, or deeper folders, than a wheel takes), IO, NO_MEMORY.
enum status plugin_files_list(struct arena *arena, const struct rooted_dir *dir,
                              struct packed_files *ret_files, struct error *err);
