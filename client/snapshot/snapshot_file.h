// SPDX-License-Identifier: MIT
// A snapshot file, open to be read. Header and index are read when it is opened, a group when it is
// first asked for, into memory of our own: a file that is replaced, cut or altered meanwhile changes
// nothing of what was read and raises no signal. No network, no libcurl. One thread at a time.
#pragma once

#include "schema/snapshot/snapshot.h"

// What the client that cached a file wrote behind the snapshot: its registry, and what it replaced.
// An answer that belongs to one of these epochs would go back in history, and is refused.
enum { RECEIPT_EPOCHS_MAX = 16 };
struct snapshot_receipt {
    const char *url;                        // borrowed from the file; "" when there is no receipt
    const char *epochs[RECEIPT_EPOCHS_MAX]; // that were replaced, oldest first; borrowed
    size_t epoch_count;
};

struct snapshot_file {
    unsigned char *bytes; // memory for the whole file, filled as far as it was read; NULL: closed
    size_t len;           // bytes that were read
    int fd;               // for the parts that are read later
    struct snapshot snapshot;      // its groups come by snapshot_file_group and snapshot_file_find
    struct snapshot_group *groups; // owned; those without a block were not read yet
    struct snapshot_decisions decisions; // without a block: not read yet
    struct snapshot_receipt receipt;
    int64_t confirmed_at_seconds; // when it was written or last found to be the newest
};

// Opens a file by its path, whatever its owner. Close with snapshot_file_close.
// Fails with: NOT_FOUND, IO, TOO_LARGE, NO_MEMORY, and as snapshot_open; err->where is the path.
enum status snapshot_file_open(const char *path, struct snapshot_file *ret_file, struct error *err);

// The same with a descriptor, which it takes in any case; `path` is for messages.
enum status snapshot_file_adopt(int fd, const char *path, struct snapshot_file *ret_file,
                                struct error *err);
void snapshot_file_close(struct snapshot_file *file);

// The group at an index, checked. Fails with: NOT_FOUND, MALFORMED, IO.
enum status snapshot_file_group(struct snapshot_file *file, uint32_t index,
                                struct snapshot_group *ret_group, struct error *err);

// The group of that name, checked. Fails with: NOT_FOUND, MALFORMED, IO.
enum status snapshot_file_find(struct snapshot_file *file, const char *name,
                               struct snapshot_group *ret_group, struct error *err);

// Appends a receipt to the bytes of a snapshot.
void snapshot_receipt_encode(const struct snapshot_receipt *receipt, struct buffer *bytes);

// Appends the records of a checked group, with their findings; their texts are borrowed from it.
// Fails with: MALFORMED, NO_MEMORY.
enum status snapshot_add_records(struct arena *arena, const struct snapshot_group *group,
                                 struct records *records, struct error *err);

// Appends the decisions about a group (NULL: about all groups), in their order; their texts are borrowed
// from the file. The block is read when it is first asked for: a look-up of records never touches it.
// Fails with: NOT_FOUND (the snapshot has none), MALFORMED, IO, NO_MEMORY.
enum status snapshot_file_decisions(struct arena *arena, struct snapshot_file *file,
                                    const char *group, struct decisions *decisions,
                                    struct error *err);

// The same with copies of their texts. Arena.
enum status snapshot_load_decisions(struct arena *arena, struct snapshot_file *file,
                                    const char *group, struct decisions *decisions,
                                    struct error *err);

// How many decisions it has; the block is not read.
size_t snapshot_file_decision_count(const struct snapshot_file *file);

// How many seconds ago the snapshot was known to be the registry's newest answer: when it was confirmed, or,
// of a file that somebody copied (`is_copy`), when it was made. Never negative.
int64_t snapshot_file_age_seconds(const struct snapshot_file *file, bool is_copy);

// Whether that is longer than the environment allows. One without a limit is never too old.
bool snapshot_file_is_too_old(const struct snapshot_file *file, bool is_copy);

// Appends the records of the group at an index, with copies of their texts. Arena.
// Fails with: as snapshot_file_group, NO_MEMORY.
enum status snapshot_load_records(struct arena *arena, struct snapshot_file *file, uint32_t index,
                                  struct records *records, struct error *err);
