// SPDX-License-Identifier: MIT
// TOML by toml++, behind a C interface, under limits of our own: size, nesting, dots per key. Dates and
// times are strings; what JSON cannot hold (infinity, NaN, NUL in a string) is NODE_OTHER. TOML 1.1 is
// read, and marked. Callable from any thread with a stack of 1 MiB or more.
#pragma once

#include "schema/readers/core/node.h"
#include "schema/readers/core/reader.h"

// Parses a file into a tree; members of a table are in the order of their keys. The root is `odd` when
// the text is TOML 1.1 and no TOML 1.0 (reader_warn_of_toml). Arena.
// Fails with: MALFORMED (file:line in `where`), NO_MEMORY.
enum status toml_parse(struct arena *arena, const struct source_file *file,
                       const struct node **ret_root, struct error *err);
