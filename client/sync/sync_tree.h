// SPDX-License-Identifier: MIT
// Trees of files that are written, copied and removed by path. All paths are absolute or relative to the working
// directory; nothing is followed out of a tree. One thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

// What tree_write makes.
struct tree_file {
    const char *name; // its path below the folder
    struct text bytes;
    bool is_program; // mode 755 in place of 644; the umask applies to both
};

// Writes FOLDER/name, and the folders on the way, which must not be links. The file must not exist.
// Fails with: CONFLICT (it exists), DISK_FULL, IO, NO_MEMORY.
// A set is built from wheels and copies. Nothing in it is a link, so no path below it leads
// elsewhere.
enum status tree_write(struct arena *arena, const char *folder, const struct tree_file *file,
                       struct error *err);

// Copies the file or tree FROM/name to TO/name; links inside FROM are copied as what they lead to.
// Fails with: NOT_FOUND, INVALID (a link that leads out of FROM, a pipe), DISK_FULL, IO, NO_MEMORY.
enum status tree_copy(struct arena *arena, const char *from, const char *to, const char *name,
                      struct error *err);

// Removes a file or a tree; none is no failure. Fails with: IO, NO_MEMORY.
enum status tree_remove(struct arena *arena, const char *path, struct error *err);
