// SPDX-License-Identifier: MIT
// TOML 1.0 by toml++, behind a C interface, under limits of our own: size, nesting, dots per key. Dates
// and times are strings, infinities and NaN are refused. Callable from any thread with a stack of
// 1 MiB or more.
#pragma once

#include "schema/readers/core/node.h"
#include "schema/readers/core/reader.h"

// Parses a file into a tree; members of a table are in the order of their keys. Arena.
// Fails with: MALFORMED (file:line in `where`), NO_MEMORY.
enum status toml_parse(struct arena *arena, const struct source_file *file,
                       const struct node **ret_root, struct error *err);

// Refuses what would exhaust the parser's stack, which recurses per key segment and per bracket: keys
// of more than LIMIT_TOML_KEY_DOTS dots, brackets deeper than LIMIT_JSON_DEPTH. Looks at the bytes
// alone. Fails with: MALFORMED.
enum status toml_check_nesting(const struct source_file *file, struct error *err);
