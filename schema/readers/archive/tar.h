// SPDX-License-Identifier: MIT
// The framing of a gzip'd tar, checked header by header before libarchive's tar reader sees it:
// ustar, GNU and pax names, nothing sparse, no devices, links only inside the top directory, nothing
// behind the end, one gzip whose trailer is true. Callable from any thread.
#pragma once

#include "schema/readers/archive/archive.h"

// Lists the members; links are there, but are no files.
// What is refused is one finding "tar-…", "gzip-…", "archive-…" or "member-…"; then false.
bool tar_framing_read(struct reader *reader, struct text bytes,
                      struct archive_members *ret_members);
