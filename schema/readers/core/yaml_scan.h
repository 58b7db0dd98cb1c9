// SPDX-License-Identifier: MIT
// The YAML that manifests are written in, read without libyaml: block mappings and lists, plain and quoted
// texts of one line, lists and mappings in brackets that do not nest. What it reads, libyaml reads alike;
// everything else, faults too, it leaves to libyaml. Callable from any thread.
#pragma once

#include "schema/readers/core/node.h"
#include "schema/readers/core/reader.h"

// The tree of a file whose bytes reader_check_bytes has accepted. False when the file has another shape or memory
// is short; yaml_parse_events then says what it is. Arena.
bool yaml_scan(struct arena *arena, const struct source_file *file, const struct node **ret_root);
