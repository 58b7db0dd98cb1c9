// SPDX-License-Identifier: MIT
// A snapshot: a list of records, and the decisions beside them, as one file that a process reads in
// microseconds, with the registry away. Little-endian, offsets only, versioned, specified in docs/SNAPSHOT.md. Opening checks
// the header and the index of groups; each group has a checksum of its own that is checked when the
// group is first looked up, so a look-up costs what it touches. Bytes that are wrong, short or foreign
// are refused with a reason and never used. A handle only borrows bytes and is never written after it
// was opened, so any thread may read it.
#pragma once

#include "schema/base/text.h"
#include "schema/decision.h"
#include "schema/record.h"

#include <stdint.h>

#define SNAPSHOT_MEDIA_TYPE "application/vnd.registryd.snapshot"

// Where a snapshot comes from.
struct snapshot_origin {
    const char *epoch;       // of the registry's history; "" for one made from a walk
    int64_t serial;          // of the registry when it was made; 0 from a walk
    int64_t made_at_seconds; // Unix time
    const char *environment; // "default"
    const char *query;       // what it answers: the canonical query, or the roots of a walk
    int64_t max_age_seconds; // how long hosts should use it without an error; 0 = no limit
    int64_t epoch_number;    // 0 = unknown
    bool is_listed_only;     // the environment gives only the packages that it lists
    bool settings_left_out;  // the user who asked may not read settings
};

struct snapshot {
    const unsigned char *bytes;    // borrowed
    size_t len;                    // bytes
    struct snapshot_origin origin; // texts borrowed from the bytes
    uint32_t group_count;
    bool is_signed;     // by somebody; snapshot_verify says by whom
    bool has_decisions; // false: none are known (format 2, or made from a walk)
    bool
        has_notes; // a decision is an alias, or deprecates a group: look-ups read the decisions too
};

// How much of a file must be there to open it, and how long all of it is.
struct snapshot_size {
    size_t index; // bytes up to the end of the index: all that a look-up must read first
    size_t whole; // bytes of the whole file
};

// A group of an open snapshot, checked.
struct snapshot_group {
    const char *name;
    uint32_t record_count;
    uint32_t record_texts;      // of each, by the version of the file
    const unsigned char *block; // borrowed from the snapshot
    size_t block_len;           // bytes
};

// The block of decisions of an open snapshot, checked.
struct snapshot_decisions {
    uint32_t count;
    const unsigned char *block; // borrowed from the snapshot
    size_t block_len;
};

// Writes the snapshot of records, whose order within a group is kept. Groups are sorted. `decisions` are
// sorted (decisions_sort); NULL = none are known. Fails with: TOO_LARGE (over LIMIT_SNAPSHOT_BYTES),
// NO_MEMORY.
enum status snapshot_encode(const struct snapshot_origin *origin, const struct records *records,
                            const struct decisions *decisions, struct buffer *ret_bytes,
                            struct error *err);

// Reads the sizes from the first SNAPSHOT_HEAD_BYTES of a file. Fails with: MALFORMED, INVALID, as
// snapshot_open.
enum { SNAPSHOT_HEAD_BYTES = 224 };
enum status snapshot_measure(const void *bytes, size_t len, struct snapshot_size *ret_size,
                             struct error *err);

// Opens bytes, which must stay as they are while the snapshot is used. Checks everything but the
// contents of the groups, which need not be there yet (snapshot_extent says where they belong).
// Fails with: MALFORMED (not a snapshot, cut short, altered), INVALID (a version we do not read).
enum status snapshot_open(const void *bytes, size_t len, struct snapshot *ret_snapshot,
                          struct error *err);

// Where in the file the block of the group at an index lies. Fails with: NOT_FOUND, MALFORMED.
enum status snapshot_extent(const struct snapshot *snapshot, uint32_t index, size_t *ret_offset,
                            size_t *ret_len, struct error *err);

// Finds a group by its name, and does not look into it. Fails with: NOT_FOUND.
enum status snapshot_read_index(const struct snapshot *snapshot, const char *group,
                                uint32_t *ret_index, struct error *err);

// Finds a group and checks it. Fails with: NOT_FOUND, MALFORMED (altered).
enum status snapshot_read_group(const struct snapshot *snapshot, const char *group,
                                struct snapshot_group *ret_group, struct error *err);

// The group at an index (0..group_count-1), as snapshot_read_group.
enum status snapshot_group_at(const struct snapshot *snapshot, uint32_t index,
                              struct snapshot_group *ret_group, struct error *err);

// The record at an index of a checked group. All texts are borrowed from the snapshot; the record has no
// findings (snapshot_read_findings reads them). Cannot fail.
void snapshot_record(const struct snapshot_group *group, uint32_t index, struct record *ret_record);

// Adds the warnings and errors of a record to `findings`. Fails with: MALFORMED, NO_MEMORY.
enum status snapshot_read_findings(const struct snapshot_group *group, uint32_t index,
                                   struct findings *findings, struct error *err);

// Where in the file the block of decisions lies. Fails with: NOT_FOUND (none are known), MALFORMED.
enum status snapshot_decisions_extent(const struct snapshot *snapshot, size_t *ret_offset,
                                      size_t *ret_len, struct error *err);

// Checks the block of decisions, whose bytes must be there. Fails with: NOT_FOUND, MALFORMED (altered).
enum status snapshot_check_decisions(const struct snapshot *snapshot,
                                     struct snapshot_decisions *ret_block, struct error *err);

uint32_t snapshot_decision_count(const struct snapshot_decisions *block);

// The decision at an index of a checked block. All texts are borrowed from the snapshot. Cannot fail.
void snapshot_decision(const struct snapshot_decisions *block, uint32_t index,
                       struct decision *ret_decision);

// The rows of one group: from *ret_first on, *ret_count of them, which may be 0. Binary search.
void snapshot_decisions_of(const struct snapshot_decisions *block, const char *group,
                           uint32_t *ret_first, uint32_t *ret_count);
