// SPDX-License-Identifier: MIT
// References into the same document, for readers of schemas that do not check values. Pure; any thread.
#pragma once

#include <jansson.h>

// The schema that "#/$defs/name" names, the shape that people write. NULL for NULL, for any other shape, and when
// nothing is there. Borrowed.
const json_t *json_schema_refer(const json_t *root, const char *reference);
