// SPDX-License-Identifier: MIT
// CRC-32 as zip and gzip have it, by zlib; so that what libarchive leaves unchecked (the trailer of a
// gzip) is checked.
#include "schema/readers/archive/archive_members.h"

#include <zlib.h>

uint32_t archive_crc32(uint32_t crc, const void *bytes, size_t len) {
    return (uint32_t)crc32_z(crc, bytes, len);
}
