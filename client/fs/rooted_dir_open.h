// SPDX-License-Identifier: MIT
// How a place opens what lies in it: relative to the root, never outside it, with as few calls as the
// kernel allows. Inner header of place.
#pragma once

#include "client/fs/rooted_dir.h"

#include <limits.h>

// The path of `name` from the root. False when it is too long.
bool rooted_dir_join(const struct rooted_dir *dir, const char *name, char ret_path[PATH_MAX]);

// Opens `name` (which may be a relative path) in the place without leaving the root. The descriptor,
// or -1 with errno; EXDEV: a link leaves the root, ELOOP: links go round in a circle.
int rooted_dir_open_inside(const struct rooted_dir *dir, const char *name, int flags);
