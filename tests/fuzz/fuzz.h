// SPDX-License-Identifier: MIT
// What every fuzz target is: bytes in, nothing out, no crash, no leak, no undefined behaviour. Each
// target is one file; its seeds are the folder of its name under seeds/.
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
