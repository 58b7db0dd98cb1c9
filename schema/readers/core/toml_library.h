// SPDX-License-Identifier: MIT
// TOML by toml++, for any shape. Only its messages reach people. Callable from any thread with a stack of 1 MiB or
// more.
#pragma once

#include "schema/readers/core/node.h"
#include "schema/readers/core/reader.h"

// The tree of a file whose bytes reader_check_bytes has accepted. Arena. Fails as toml_parse does.
enum status toml_parse_library(struct arena *arena, const struct source_file *file,
                               const struct node **ret_root, struct error *err);
