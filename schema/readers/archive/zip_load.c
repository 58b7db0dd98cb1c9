// SPDX-License-Identifier: MIT
// Once the framing is known there is nothing left to parse, only to inflate; so zlib does it, and not
// libarchive, which would walk all members, turn their names into the locale's encoding, and look up
// the time zone of each.
#include "schema/readers/archive/zip_load.h"

#include <string.h>
#include <zlib.h>

// Also asked for the trailer of a gzip, which libarchive leaves unchecked.
uint32_t archive_crc32(uint32_t crc, const void *bytes, size_t len) {
    return (uint32_t)crc32_z(crc, bytes, len);
}

// Inflates raw deflate data to exactly `size` bytes. Z_OK, or why not.
static int inflate_exactly(struct text packed, char *bytes, size_t size) {
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)packed.ptr,
                       .avail_in = (uInt)packed.len,
                       .next_out = (Bytef *)bytes,
                       .avail_out = (uInt)size + 1};
    int result = inflateInit2(&stream, -MAX_WBITS);
    if (result != Z_OK) {
        return result;
    }
    result = inflate(&stream, Z_FINISH);
    bool exact = result == Z_STREAM_END && stream.total_out == size && !stream.avail_in;
    inflateEnd(&stream);
    return exact ? Z_OK : result == Z_MEM_ERROR ? Z_MEM_ERROR : Z_DATA_ERROR;
}

static bool load_member(struct reader *reader, const struct archive_member *member,
                        struct archive_wish *wish) {
    char *bytes = archive_member_room(reader, member, wish->max_bytes);
    if (!bytes) {
        return false;
    }
    int result = Z_OK;
    if (member->deflated) {
        result = inflate_exactly(member->packed, bytes, member->size);
    } else {
        memcpy(bytes, member->packed.ptr, member->size);
    }
    if (result == Z_MEM_ERROR) {
        reader->findings->no_memory = true;
        return false;
    }
    if (result != Z_OK || archive_crc32(0, bytes, member->size) != member->crc) {
        return reader_add_member(reader, "member-damaged", member->name,
                                 "The member does not inflate to its stated size and checksum");
    }
    bytes[member->size] = '\0';
    wish->bytes = (struct text){bytes, member->size};
    return true;
}

bool zip_load(struct reader *reader, const struct archive_members *members,
              struct archive_wish *wishes, size_t wish_count) {
    for (size_t i = 0; i < wish_count; i++) {
        const struct archive_member *member = archive_members_find(members, wishes[i].name);
        if (member && member->is_file && !load_member(reader, member, &wishes[i])) {
            return false;
        }
    }
    return true;
}
