// SPDX-License-Identifier: MIT
// YAML by libyaml, for any shape. Only its messages reach people. Callable from any thread.
#pragma once

#include "schema/readers/core/node.h"
#include "schema/readers/core/reader.h"

// The tree of a file whose bytes reader_check_bytes has accepted. Arena. Fails as yaml_parse does.
enum status yaml_parse_events(struct arena *arena, const struct source_file *file,
                              const struct node **ret_root, struct error *err);
