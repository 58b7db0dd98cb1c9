// SPDX-License-Identifier: MIT
// libarchive, kept small: one gzip, and a tar in it, from memory, never to disk. The framing of the tar
// was checked before; what libarchive sees must be what the framing said, name by name, or the archive
// is refused: two readers that disagree are an attack. Internal to the readers of artifacts.
#pragma once

#include "schema/base/cleanup.h"
#include "schema/readers/archive/archive_members.h"

// Loads the wishes from a gzip'd tar. What is refused is a finding; then false.
bool archive_load(struct reader *reader, struct text bytes, const struct archive_members *members,
                  struct archive_wish *wishes, size_t wish_count);

// A gzip as a stream of bytes: one layer, whatever is inside.
struct archive_gzip;

// Owned; NULL when out of memory or when the bytes are no gzip (then *ret_damaged).
struct archive_gzip *archive_gzip_open(struct text bytes, bool *ret_damaged);
void archive_gzip_close(struct archive_gzip *gzip);

// Up to `size` bytes into `buffer`: how many, 0 at the end, -1 when damaged or out of memory.
long archive_gzip_read(struct archive_gzip *gzip, void *buffer, size_t size);

CLEANUP_DEFINE(struct archive_gzip *, archive_gzip_cleanup, archive_gzip_close)
