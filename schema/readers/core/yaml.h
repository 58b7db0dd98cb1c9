// SPDX-License-Identifier: MIT
// YAML 1.2 core, one document, without its powers: no aliases, anchors, tags, merge keys or directives,
// bounded in size, depth, events and scalars, no duplicate keys. What PyYAML (YAML 1.1) would read as
// another value is marked `odd`. Callable from any thread.
#pragma once

#include "schema/readers/core/node.h"
#include "schema/readers/core/reader.h"

// Parses a file into a tree; an empty file is a null. Arena.
// Fails with: MALFORMED (file:line in `where`), NO_MEMORY.
enum status yaml_parse(struct arena *arena, const struct source_file *file,
                       const struct node **ret_root, struct error *err);
