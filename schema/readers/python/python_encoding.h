// SPDX-License-Identifier: MIT
// The encoding of Python source (PEP 263, PEP 3120): UTF-8, with or without a BOM, unless a comment
// in the first two lines names another one.
#pragma once

#include "schema/readers/core/reader.h"

// The source as UTF-8 without a BOM; *ret_file borrows from `file` when nothing had to be changed.
// Fails with: MALFORMED (not in the encoding it says, unknown encoding, NUL), TOO_LARGE, NO_MEMORY.
enum status python_decode(struct arena *arena, const struct source_file *file,
                          struct source_file *ret_file, struct error *err);
