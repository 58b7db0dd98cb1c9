// SPDX-License-Identifier: MIT
// An artifact that was received, as it is handed to the extractor.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct extractor_input {
    const char *filename;  // checked
    int fd;                // of a file that no other process can change
    size_t size;           // bytes
    const uint8_t *sha256; // of all of them; borrowed
};
