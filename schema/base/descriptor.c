// SPDX-License-Identifier: MIT
// The one writing loop there is.
#include "schema/base/descriptor.h"

#include <errno.h>
#include <unistd.h>

bool descriptor_write(int fd, const char *bytes, size_t len) {
    while (len) {
        ssize_t written = write(fd, bytes, len);
        // A file system that writes nothing and says no error would make this loop spin.
        if (written == 0) {
            errno = ENOSPC;
        }
        if (written == 0 || (written < 0 && errno != EINTR)) {
            return false;
        }
        if (written > 0) {
            bytes += written;
            len -= (size_t)written;
        }
    }
    return true;
}
