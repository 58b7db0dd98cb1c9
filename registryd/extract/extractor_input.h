// SPDX-License-Identifier: MIT
// A file that is handed to the extractor, and what to do with it.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct extractor_input {
    const char *task;      // "artifact", or a word of show.h; static
    const char *filename;  // checked; or what else the task needs to know, one line
    int fd;                // of a file that no other process can change
    size_t size;           // bytes
    const uint8_t *sha256; // of all of them; borrowed
};
