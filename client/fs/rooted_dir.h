// SPDX-License-Identifier: MIT
// A place: a directory read safely. The only user of directory calls in the project. Everything is
// opened relative to a directory that is already open; links are followed only while they stay
// inside the root (relative ones, at most 16), and only regular files are read, so that a walk can
// neither be led elsewhere nor be held up by a pipe or a device. One thread per place.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

// The regular file that was seen last, so that recognising a plugin and reading it look once.
struct place_seen {
    char name[64];
};

struct place {
    int root_fd;             // of the root; borrowed by the places beneath it
    int fd;                  // of this directory; -1 when it was not worth opening
    struct place_seen *seen; // NULL: nothing is remembered
    bool straight;           // when it was listed, no link led here
    bool for_records;        // its files are read for records alone (source_file)
    const char *relative;    // path from the root, "" for the root itself
    const char *name;        // the directory's own name
    const char *path;        // how people are told about it: the root as given, plus relative
};

enum place_kind {
    PLACE_ABSENT,
    PLACE_FILE,
    PLACE_DIRECTORY,
    PLACE_SPECIAL,           // a pipe, a socket, a device
    PLACE_OUTSIDE_FILE,      // a link that leaves the root, to anything but a directory
    PLACE_OUTSIDE_DIRECTORY, // a link that leaves the root, to a directory
    PLACE_UNREADABLE,
};

struct place_entry {
    const char *name;
    enum place_kind kind; // as place_find; entries that vanished meanwhile are PLACE_ABSENT
    bool link;            // a link led to it
};

struct place_entries {
    struct place_entry *items;
    size_t count;
};

// A place that is not open, for place_close.
#define PLACE_CLOSED ((struct place){.root_fd = -1, .fd = -1})

// Opens `path` as a root; `path` itself may be a link. Close with place_close. The texts are arena.
// Fails with: USAGE (no such directory, not a directory), IO (not readable), NO_MEMORY.
enum status place_open(struct arena *arena, const char *path, struct place *ret_place,
                       struct error *err);

// Opens the directory `name` in `parent`, which must stay open as long. Close with place_close.
// Fails with: NOT_FOUND, INVALID (a link that leaves the root), IO, NO_MEMORY.
enum status place_enter(struct arena *arena, const struct place *parent, const char *name,
                        struct place *ret_place, struct error *err);

// The same for an entry of kind PLACE_DIRECTORY, without opening it: what is only asked for a file or
// two is reached from the root at once. Fails with: NO_MEMORY.
enum status place_below(struct arena *arena, const struct place *parent,
                        const struct place_entry *entry, struct place *ret_place,
                        struct error *err);

void place_close(struct place *place);

// What is called `name` (which may be a relative path) in the place. Cannot fail.
enum place_kind place_find(const struct place *place, const char *name);

// What lies in the place, without "." and "..", sorted byte-wise. Arena.
// Fails with: IO, NO_MEMORY.
enum status place_entries(struct arena *arena, const struct place *place,
                          struct place_entries *ret_entries, struct error *err);

// Appends the bytes of the regular file `name` (which may be a relative path that stays in the
// root) to `ret_bytes`, whose max_bytes is the limit. err->where is the file.
// Fails with: NOT_FOUND, INVALID (no regular file, or a link that leaves the root), TOO_LARGE, IO,
// NO_MEMORY.
enum status place_load(const struct place *place, const char *name, struct buffer *ret_bytes,
                       struct error *err);
