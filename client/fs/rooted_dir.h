// SPDX-License-Identifier: MIT
// A directory read safely, as Go's os.Root is. The only user of directory calls in the project.
// Everything is opened relative to a directory that is already open; links are followed only while they
// stay inside the root (relative ones, at most 16), and only regular files are read, so that a walk can
// neither be led elsewhere nor be held up by a pipe or a device. One thread per rooted_dir.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

#include <sys/types.h>

// What was seen last: a regular file, so that recognising a plugin and reading it look once, and a folder that
// no link leads to, so that its files are looked at in one call each.
struct rooted_dir_seen {
    char name[64];
    char folder[64]; // "plugins/" of the file "plugins/mail_plugin.py"
};

// Closing a root does not close the directories beneath it, and they must not be used after it.
struct rooted_dir {
    int root_fd;                  // of the root; borrowed by the directories beneath it
    int fd;                       // of this directory; -1 when it was not worth opening
    struct rooted_dir_seen *seen; // NULL: nothing is remembered
    bool straight;                // when it was listed or opened, no link led here
    bool for_records;             // its files are read for records alone (source_file)
    const char *relative;         // path from the root, "" for the root itself
    const char *name;             // the directory's own name
    const char *path;             // how messages name it: the root as given, plus relative
};

// A link inside the root has the kind of what it leads to; `link` of the entry tells the
// difference.
enum rooted_dir_kind {
    ROOTED_DIR_ABSENT, // nothing is called so
    ROOTED_DIR_FILE,   // a regular file
    ROOTED_DIR_DIRECTORY,
    ROOTED_DIR_SPECIAL,           // a pipe, a socket, a device
    ROOTED_DIR_OUTSIDE_FILE,      // a link that leaves the root, to anything but a directory
    ROOTED_DIR_OUTSIDE_DIRECTORY, // a link that leaves the root, to a directory
    ROOTED_DIR_UNREADABLE,        // its kind cannot be told
};

struct rooted_dir_entry {
    const char *name; // in its directory
    enum rooted_dir_kind
        kind;     // as rooted_dir_find; one that vanished meanwhile is ROOTED_DIR_ABSENT
    bool link;    // a link led to it
    size_t order; // its position in the listing, before sorting: what os.listdir gives
};

struct rooted_dir_entries {
    struct rooted_dir_entry *items;
    size_t count;
    size_t capacity;
};

// A directory that is not open, for rooted_dir_close.
#define ROOTED_DIR_CLOSED ((struct rooted_dir){.root_fd = -1, .fd = -1})

// Opens `path` as a root; `path` itself may be a link. Close with rooted_dir_close. The texts are arena.
// Fails with: USAGE (no such directory, not a directory), IO (not readable), NO_MEMORY.
enum status rooted_dir_open(struct arena *arena, const char *path, struct rooted_dir *ret_dir,
                            struct error *err);

// Opens the directory `name` in `parent`, which must stay open as long. Close with rooted_dir_close.
// Fails with: NOT_FOUND, INVALID (a link that leaves the root), IO, NO_MEMORY.
enum status rooted_dir_enter(struct arena *arena, const struct rooted_dir *parent, const char *name,
                             struct rooted_dir *ret_dir, struct error *err);

// The same for an entry of kind ROOTED_DIR_DIRECTORY, without opening it: what is only asked for a file or
// two is reached from the root at once. Fails with: NO_MEMORY.
enum status rooted_dir_below(struct arena *arena, const struct rooted_dir *parent,
                             const struct rooted_dir_entry *entry, struct rooted_dir *ret_dir,
                             struct error *err);

void rooted_dir_close(struct rooted_dir *dir);

// Which directory it is, whatever path led to it.
struct rooted_dir_identity {
    dev_t device; // of the file system
    ino_t inode;
};

// False when it cannot be told.
bool rooted_dir_identify(const struct rooted_dir *dir, struct rooted_dir_identity *ret_identity);
bool rooted_dir_is_same(const struct rooted_dir_identity *a, const struct rooted_dir_identity *b);

// What is called `name` (which may be a relative path) in the directory. Cannot fail.
enum rooted_dir_kind rooted_dir_find(const struct rooted_dir *dir, const char *name);

// The entries of the directory, without "." and "..", sorted byte-wise. Arena.
// Fails with: IO, NO_MEMORY.
enum status rooted_dir_entries(struct arena *arena, const struct rooted_dir *dir,
                               struct rooted_dir_entries *ret_entries, struct error *err);

// Appends the bytes of the regular file `name` (which may be a relative path that stays in the
// root) to `ret_bytes`, whose max_bytes is the limit. err->where is the file.
// Fails with: NOT_FOUND, INVALID (no regular file, or a link that leaves the root), TOO_LARGE, IO,
// NO_MEMORY.
enum status rooted_dir_load(const struct rooted_dir *dir, const char *name,
                            struct buffer *ret_bytes, struct error *err);
