// SPDX-License-Identifier: MIT
// Reading files with secrets. What was opened is what is checked: a check by name could be about another file than the
// one that is read.
#include "registryd/private_file.h"

#include "schema/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static enum status check_file(int fd, const struct private_file *file, struct error *err) {
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0) {
        return fail(err, STATUS_USAGE, file->path, "The %s cannot be read: %s", file->name,
                    strerror(errno));
    }
    // The owner must be this user or root. Root itself accepts the file of any owner.
    bool is_private = S_ISREG(info.st_mode) && !(info.st_mode & 077) &&
                      (info.st_uid == geteuid() || info.st_uid == 0 || geteuid() == 0);
    return is_private
               ? STATUS_OK
               : fail(err, STATUS_USAGE, file->path,
                      "The %s must be a file that only you can read. Use: chmod 600", file->name);
}

enum status private_file_read(const struct private_file *file, struct text *ret_bytes,
                              struct error *err) {
    // O_NONBLOCK, so that a named pipe in place of the file cannot block the start. check_file
    // refuses it.
    scoped(cleanup_fd) int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    enum status status = check_file(fd, file, err);
    if (status) {
        return status;
    }
    ssize_t len = read(fd, file->room, file->size);
    if (len < 0 || (size_t)len == file->size) {
        return fail(err, STATUS_USAGE, file->path, "The %s cannot be read, or is too long",
                    file->name);
    }
    *ret_bytes = (struct text){file->room, (size_t)len};
    return STATUS_OK;
}
