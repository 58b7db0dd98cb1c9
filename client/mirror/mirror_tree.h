// SPDX-License-Identifier: MIT
// The directory of an export. Every file is written beside its place and renamed to it, so a web server that reads at
// the same time gets whole files. The manifest is written last; what it does not name is removed after that.
//
//     DIR/manifest                         what the export holds, with all hashes; two lines (signed_text.h)
//     DIR/simple/index.html, index.json    the index pages; simple/NAME/ has those of a package
//     DIR/files/SHA256/FILENAME            the files; beside each wheel its FILENAME.metadata
//     DIR/statements/NAME                  what the registry states of a package, signed
//     DIR/snapshots/ENVIRONMENT.snapshot   the answer for hosts that are offline
//     DIR/.registryd-export.lock           held while an export works
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

#include <jansson.h>
#include <stdint.h>

#define MIRROR_MANIFEST "manifest"

struct mirror_tree {
    const char *path; // without a slash at its end
    int fd;           // of the directory
    int lock_fd;
};

#define MIRROR_TREE_CLOSED ((struct mirror_tree){.fd = -1, .lock_fd = -1})

// Opens the directory to write, and makes it. Close with mirror_tree_close.
// Fails with: CONFLICT (another export works; other content), USAGE (no directory), IO, NO_MEMORY.
enum status mirror_tree_open(struct arena *arena, const char *path, struct mirror_tree *ret_tree,
                             struct error *err);
void mirror_tree_close(struct mirror_tree *tree);

// Puts a file in its place ("simple/crm/index.html"), and makes the folders. Fails with: DISK_FULL, IO, NO_MEMORY.
enum status mirror_tree_put(const struct mirror_tree *tree, const char *path, struct text bytes,
                            struct error *err);

// The size of a file; -1: it is not there.
int64_t mirror_tree_size(const struct mirror_tree *tree, const char *path);

// Waits until everything is on disk. Fails with: IO.
enum status mirror_tree_flush(const struct mirror_tree *tree, struct error *err);

// Removes every file of the export's folders that `files` (an object with a member for each path) does not name, and
// folders that are empty then. *ret_count says how many files. Fails with: IO, NO_MEMORY.
enum status mirror_tree_prune(const struct mirror_tree *tree, const json_t *files,
                              size_t *ret_count, struct error *err);
