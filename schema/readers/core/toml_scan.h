// SPDX-License-Identifier: MIT
// The TOML that projects are written in, read without toml++: tables, arrays of tables, and values that are
// strings, whole numbers, booleans, arrays and inline tables. What it reads, toml++ reads alike; everything
// else, faults too, it leaves to toml++. Callable from any thread with a stack of 64 KiB or more.
#pragma once

#include "schema/readers/core/node.h"
#include "schema/readers/core/reader.h"

// The tree of a file whose bytes reader_check_bytes has accepted. False when the file has another shape or memory
// is short; toml_parse_library then says what it is. Arena.
bool toml_scan(struct arena *arena, const struct source_file *file, const struct node **ret_root);
