// SPDX-License-Identifier: MIT
// Files with secrets: keys that registryd reads once, at its start, while it may still be root.
#pragma once

#include "schema/base/error.h"
#include "schema/base/text.h"

// What is read, and what it is called in errors.
struct private_file {
    const char *path;
    const char *name; // "snapshot key"
    char *room;
    size_t size; // of the room; a longer file is refused
};

// The bytes in the room. The caller wipes it. Fails with: USAGE (it cannot be read, or others could read it).
enum status private_file_read(const struct private_file *file, struct text *ret_bytes,
                              struct error *err);
