// SPDX-License-Identifier: MIT
// What zip and tar share: the members that an archive lists, after its framing was checked, and the
// rules for their names. Then libarchive, kept small: one gzip, and a tar in it, from memory, never to
// disk. Internal to the readers of artifacts.
#pragma once

#include "schema/base/cleanup.h"
#include "schema/base/text.h"
#include "schema/readers/core/reader_add.h"

struct archive_member {
    const char *name; // relative, with '/', without "..", UTF-8; a directory's ends in '/'
    size_t size;      // inflated
    bool is_file;     // not a directory, not a link
    bool is_program;  // its owner may execute it, by the mode that the archiver wrote

    // of a zip's member
    struct text packed; // its bytes in the file
    bool deflated;      // else stored
    uint32_t crc;       // of the inflated bytes; of a zip only
    size_t start;       // of its local header
};

// Sorted by name (byte-wise), each file once; directories may repeat.
struct archive_members {
    struct archive_member *items; // sorted by name
    size_t count;
};

// A member that is wanted whole.
struct archive_selection {
    const char *name;  // of the member that is wanted
    size_t max_bytes;  // a larger one is an error
    struct text bytes; // arena, NUL-terminated; .ptr NULL when there is no such file
};

// Room for the member's bytes and a NUL, in the arena. NULL after a finding "member-too-large", or when
// out of memory.
char *archive_member_room(struct reader *reader, const struct archive_member *member,
                          size_t max_bytes);

const struct archive_member *archive_members_find(const struct archive_members *members,
                                                  const char *name);

// Judges a member's name and copies it into the arena: there, within LIMIT_ARCHIVE_NAME_BYTES, UTF-8
// without control characters, relative, without "." and "..", empty parts, backslashes or drive
// letters. NULL after a finding "member-name-…", or when out of memory.
const char *archive_member_name(struct reader *reader, struct text name);

// Sorts, and refuses a file that stands twice or is a directory too ("member-duplicate").
bool archive_members_sort(struct reader *reader, struct archive_members *members);

// CRC-32 (ISO 3309) of more bytes; begins with 0.
uint32_t archive_crc32(uint32_t crc, const void *bytes, size_t len);

// ---- libarchive ----

// Loads the selected members from a gzip'd tar whose framing was checked. libarchive must see what the framing
// said, name by name: two readers that disagree are an attack. What is refused is a finding; then false.
bool archive_load(struct reader *reader, struct text bytes, const struct archive_members *members,
                  struct archive_selection *selections, size_t selection_count);

// A gzip as a stream of bytes: one layer, whatever is inside.
struct archive_gzip;

// Owned; NULL when out of memory or when the bytes are no gzip (then *ret_damaged).
struct archive_gzip *archive_gzip_open(struct text bytes, bool *ret_damaged);
void archive_gzip_close(struct archive_gzip *gzip);

// Up to `size` bytes into `buffer`: how many, 0 at the end, -1 when damaged or out of memory.
long archive_gzip_read(struct archive_gzip *gzip, void *buffer, size_t size);

CLEANUP_DEFINE(struct archive_gzip *, archive_gzip_cleanup, archive_gzip_close)
