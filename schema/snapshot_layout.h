// SPDX-License-Identifier: MIT
// The layout of a snapshot file, shared by writer and reader: byte offsets, not structs, so that neither
// padding nor the machine's byte order can enter the file. docs/SNAPSHOT.md says the same in words.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    SNAPSHOT_VERSION = 1,
    SNAPSHOT_DIGEST_BYTES = 16, // BLAKE2b, cut to 16 bytes by its own length parameter

    // the header
    HEADER_MAGIC = 0,      // 8 bytes
    HEADER_DIGEST = 8,     // of bytes [24, HEADER_BLOCKS): the rest of the header, index and names
    HEADER_VERSION = 24,   // u32
    HEADER_SIZE = 28,      // u32: where the index of groups begins
    HEADER_FILE_SIZE = 32, // u64
    HEADER_BLOCKS = 40,    // u64: where the first block begins
    HEADER_SERIAL = 48,    // i64
    HEADER_MADE_AT = 56,   // i64
    HEADER_GROUP_COUNT = 64, // u32
    HEADER_EPOCH = 72,       // text: u32 offset from the start of the file, u32 length
    HEADER_ENVIRONMENT = 80, // text
    HEADER_QUESTION = 88,    // text
    HEADER_BYTES = 96,

    // an entry of the index
    GROUP_NAME = 0,     // text
    GROUP_BLOCK = 8,    // u64 offset from the start of the file
    GROUP_SIZE = 16,    // u64
    GROUP_RECORDS = 24, // u32
    GROUP_DIGEST = 32,  // of the block
    GROUP_BYTES = 48,

    // a record in a block: texts, u32 offset from the start of the block, u32 length; offset 0 = none
    RECORD_TEXTS = 10,
    RECORD_BYTES = RECORD_TEXTS * 8,
};

static const unsigned char snapshot_magic[8] = {0x89, 'R', 'G', 'S', 'N', 'A', 'P', '\n'};

// The texts of a record, in their order.
enum {
    TEXT_NAME,
    TEXT_VALUE,
    TEXT_PACKAGE,
    TEXT_VERSION,
    TEXT_SOURCE,
    TEXT_LABEL,
    TEXT_ORIGIN,
    TEXT_MANIFEST,
    TEXT_SHADOWED_BY,
    TEXT_FINDINGS, // {"errors":[…],"warnings":[…]}, absent when there are none
};

static inline uint32_t load_u32(const unsigned char *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t load_u64(const unsigned char *at) {
    return load_u32(at) | (uint64_t)load_u32(at + 4) << 32;
}

static inline void store_u32(unsigned char *at, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        at[i] = (unsigned char)(value >> (8 * i));
    }
}

static inline void store_u64(unsigned char *at, uint64_t value) {
    store_u32(at, (uint32_t)value);
    store_u32(at + 4, (uint32_t)(value >> 32));
}
