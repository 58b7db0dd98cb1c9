// SPDX-License-Identifier: MIT
// The framing of a zip, checked byte by byte before any library sees it: one end record, at the end;
// a central directory that says exactly what the local headers say; local entries that tile the file
// without a gap, an overlap, or anything in front. Whoever reads what passes, streaming or seeking,
// reads the same. Callable from any thread.
#pragma once

#include "schema/readers/archive/archive_members.h"

// Lists the members. What is refused is one finding "zip-…" or "member-…"; then false.
bool zip_framing_read(struct reader *reader, struct text bytes,
                      struct archive_members *ret_members);
