// SPDX-License-Identifier: MIT
// The framing of a zip, checked byte by byte before any library sees it: one end record, at the end;
// a central directory that says exactly what the local headers say; local entries that tile the file
// without a gap, an overlap, or anything in front. Every reader of what passes, streaming or seeking,
// reads the same. Callable from any thread.
#pragma once

#include "schema/readers/archive/archive.h"

// Lists the members. What is refused is one finding "zip-…" or "member-…"; then false.
bool zip_framing_read(struct reader *reader, struct text bytes,
                      struct archive_members *ret_members);

// Where the end record says that the central directory begins; SIZE_MAX when there is no such record.
size_t zip_directory_start(struct text bytes);

// Lists the members of a file of which only the central directory is there, the rest being zeros: for showing a file that
// was checked when it came. Of `packed` only the length is known.
bool zip_directory_read(struct reader *reader, struct text bytes,
                        struct archive_members *ret_members);

// Loads a member of such a list when its local header and its bytes are there too. Arena, NUL-terminated.
bool zip_member_read(struct reader *reader, struct text bytes, const struct archive_member *member,
                     size_t max_bytes, struct text *ret_content);

// Loads the selected members of a file whose framing was checked: stored, or inflated to exactly the
// size and checksum the framing said, with nothing left over. What is refused is a finding; then false.
bool zip_load(struct reader *reader, const struct archive_members *members,
              struct archive_selection *selections, size_t selection_count);
