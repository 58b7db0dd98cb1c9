// SPDX-License-Identifier: MIT
// The layout of a snapshot file, shared by writer and reader: byte offsets, not structs, so that neither
// padding nor the machine's byte order can enter the file. docs/SNAPSHOT.md says the same in words.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// The file:
//
//       0  magic, check                         check    covers  24 .. 160
//      24  version, flags, digest, key, sig     digest   covers 160 .. blocks
//     160  sizes, serial, time                  signature covers the digest
//     200  epoch, environment, query (references into the texts)
//     224  decisions, maximum age, number of the epoch
//     296  texts of the header
//          index: one entry a group, sorted by name; the names   <- HEADER_SIZE
//          ---------------------------------------------------   <- HEADER_BLOCKS
//          block of the first group: records, then their texts   digest in its index entry
//          block of the second group
//          ...
//          block of the decisions: rows, then their texts        digest in the header
//                                                                <- HEADER_FILE_SIZE
//
// Look-up: the header and the index are checked once, then a binary search finds the entry, and the
// block it names is checked alone. A process that loads one group of a hundred reads little more than
// that group. Because the digest covers the index, and the index has the digest of every block, the
// signature of 64 bytes vouches for the whole file.
//
// A record is twelve references of 8 bytes, {u32 offset, u32 length}, from the start of its block.
// Every text has a NUL behind it that its length does not count, so a reader hands out pointers into
// the file. Header, index and blocks begin at multiples of 8; numbers are little-endian.
//
// Version 2 has no decisions, a header of 224 bytes, and eleven references a record; it is still read.

enum {
    SNAPSHOT_VERSION = 3,       // that is written
    SNAPSHOT_VERSION_OLD = 2,   // that is read too
    SNAPSHOT_DIGEST_BYTES = 32, // BLAKE2b, of this length by its own parameter
    SNAPSHOT_CHECK_BYTES = 16,
    SNAPSHOT_SIGNED = 1, // the one flag

    // the header; what keeps accidents out comes first
    HEADER_MAGIC = 0,    // 8 bytes
    HEADER_CHECK = 8,    // of bytes [24, 160): version, flags, digest, key, signature
    HEADER_VERSION = 24, // u32
    HEADER_FLAGS = 28,   // u32
    HEADER_DIGEST = 32,  // of bytes [160, HEADER_BLOCKS): the rest of the header, index and names
    HEADER_PUBLIC_KEY = 64,        // 32 bytes; zeros when it is not signed
    HEADER_SIGNATURE = 96,         // 64 bytes
    HEADER_CONTENT = 160,          // where the digest begins
    HEADER_FILE_SIZE = 160,        // u64
    HEADER_BLOCKS = 168,           // u64: where the first block begins
    HEADER_SIZE = 176,             // u32: where the index of groups begins
    HEADER_GROUP_COUNT = 180,      // u32
    HEADER_SERIAL = 184,           // i64
    HEADER_MADE_AT = 192,          // i64
    HEADER_ANSWER = 200,           // from here on, the same answer is the same bytes
    HEADER_EPOCH = 200,            // text: u32 offset from the start of the file, u32 length
    HEADER_ENVIRONMENT = 208,      // text
    HEADER_QUESTION = 216,         // text
    HEADER_BYTES_OLD = 224,        // all of it in version 2
    HEADER_DECISIONS = 224,        // u64: where the block of decisions begins; 0 = none are known
    HEADER_DECISIONS_SIZE = 232,   // u64
    HEADER_DECISION_ROWS = 240,    // u32
    HEADER_ANSWER_FLAGS = 244,     // u32
    HEADER_DECISIONS_DIGEST = 248, // 32 bytes, of the block
    HEADER_EPOCH_NUMBER = 280,     // u64; 0 = unknown
    HEADER_MAX_AGE = 288,          // u64 seconds; 0 = no limit
    HEADER_BYTES = 296,

    // flags of the answer
    ANSWER_LISTED_ONLY = 1,       // the environment gives only the packages that it lists
    ANSWER_SETTINGS_LEFT_OUT = 2, // the asker may not read settings
    ANSWER_HAS_NOTES =
        4, // a decision has the code alias: a name that is not found may be an old one

    // an entry of the index
    GROUP_NAME = 0,     // text
    GROUP_BLOCK = 8,    // u64 offset from the start of the file
    GROUP_SIZE = 16,    // u64
    GROUP_RECORDS = 24, // u32
    GROUP_DIGEST = 32,  // of the block
    GROUP_BYTES = 64,

    // a record in a block: texts, u32 offset from the start of the block, u32 length; offset 0 = none
    RECORD_TEXTS = 12,
    RECORD_TEXTS_OLD = 11, // in version 2: no state
    RECORD_BYTES = RECORD_TEXTS * 8,

    // a row of the decisions: texts as in a record, then flags
    DECISION_TEXTS = 10,
    DECISION_FLAGS = DECISION_TEXTS * 8, // u32, and four zeros
    DECISION_BYTES = DECISION_FLAGS + 8,
    DECISION_BY_NAME = 1,
    DECISION_ENTRY_ONLY = 2,
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
    TEXT_SETTINGS, // JSON of an object, absent when the environment sets nothing
    TEXT_STATE,
};

// The texts of a decision, in their order.
enum {
    DECISION_GROUP,
    DECISION_PACKAGE,
    DECISION_NAME,
    DECISION_VERSION,
    DECISION_CODE,
    DECISION_MESSAGE,
    DECISION_SINCE,
    DECISION_BY,
    DECISION_TARGET,   // with the code outside-pin the pin, with others the successor
    DECISION_SETTINGS, // JSON of an object
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

// The check of a header: of all in front of HEADER_CONTENT but the magic and itself.
void snapshot_check_bytes(const unsigned char *header, unsigned char ret[SNAPSHOT_CHECK_BYTES]);
