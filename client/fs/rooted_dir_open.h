// SPDX-License-Identifier: MIT
// Opening what lies beneath a root: relative to the root, never outside it, with as few calls as the
// kernel allows. Below rooted_dir, which adds names, kinds and listings.
#pragma once

#include <limits.h>
#include <stdbool.h>

// A directory beneath a root.
struct rooted_path {
    int root_fd;          // borrowed
    const char *relative; // from the root, without links; "" is the root itself
};

// The path of `name` from the root. False when it is too long.
bool rooted_path_join(struct rooted_path dir, const char *name, char ret_path[PATH_MAX]);

// Opens `name` (which may be a relative path) in the directory without leaving the root. The descriptor,
// or -1 with errno; EXDEV: a link leaves the root, ELOOP: links form a circle.
int rooted_path_open(struct rooted_path dir, const char *name, int flags);

// The same in one call of the kernel, which follows no link. It also fails where rooted_path_open would go on.
int rooted_path_open_straight(struct rooted_path dir, const char *name, int flags);
