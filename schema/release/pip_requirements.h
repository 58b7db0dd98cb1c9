// SPDX-License-Identifier: MIT
// Pinned requirements with hashes, as pip reads them from a file: what daemon and command line both
// write. Pure; any thread.
#pragma once

#include "schema/base/text.h"

struct pip_requirement {
    const char *package; // normalised
    const char *version;
    const char *const *sha256; // of its files, in hex
    size_t sha256_count;       // 0: there is no file that fits, and it becomes a comment
};

// Appends a line of each, with a hash for each file.
void pip_requirements_write(struct buffer *text, const struct pip_requirement *items, size_t count);
