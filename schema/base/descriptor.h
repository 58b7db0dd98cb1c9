// SPDX-License-Identifier: MIT
// Writing to a file descriptor until all of it is written: a signal, a full pipe or a disk that takes
// a part at a time is no reason to stop half-way. Callable from any thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// False with errno when not everything could be written. A descriptor that takes nothing at all counts
// as a full disk.
bool descriptor_write(int fd, const char *bytes, size_t len);
