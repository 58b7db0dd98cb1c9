// SPDX-License-Identifier: MIT
// What an archive says it holds: the members, after the framing was checked, and the rules for their
// names that zip and tar share. Internal to the readers of artifacts.
#pragma once

#include "schema/base/text.h"
#include "schema/readers/core/reader_add.h"

struct archive_member {
    const char *name; // relative, with '/', without "..", UTF-8; a directory's ends in '/'
    size_t size;      // inflated
    bool is_file;     // not a directory, not a link

    // of a zip's member
    struct text packed; // its bytes in the file
    bool deflated;      // else stored
    uint32_t crc;
};

// Sorted by name (byte-wise), each file once; directories may repeat.
struct archive_members {
    struct archive_member *items;
    size_t count;
};

// A member that is wanted whole.
struct archive_wish {
    const char *name;
    size_t max_bytes;
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
