// SPDX-License-Identifier: MIT
// Mapping and replacing files for snapshots (snapshot_store.h).
#include "client/snapshot_store.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static enum status fail_errno(struct error *err, const char *path, const char *what) {
    int number = errno;
    enum status status = number == ENOENT                       ? STATUS_NOT_FOUND
                         : number == ENOSPC || number == EDQUOT ? STATUS_DISK_FULL
                                                                : STATUS_IO;
    return fail(err, status, path, "The snapshot cannot be %s: %s", what, strerror(number));
}

static enum status map(const char *path, struct snapshot_file *ret_file, struct error *err) {
    struct stat info;
    scoped(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &info) != 0) {
        return fail_errno(err, path, "opened");
    }
    if (!S_ISREG(info.st_mode) || info.st_size > LIMIT_SNAPSHOT_BYTES) {
        return fail(err, S_ISREG(info.st_mode) ? STATUS_TOO_LARGE : STATUS_MALFORMED, path,
                    "A snapshot is a regular file of at most %d bytes", LIMIT_SNAPSHOT_BYTES);
    }
    if (info.st_size == 0) {
        return fail(err, STATUS_MALFORMED, path, "The file is empty");
    }
    void *bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) {
        return fail_errno(err, path, "mapped");
    }
    *ret_file = (struct snapshot_file){.bytes = bytes, .len = (size_t)info.st_size};
    return STATUS_OK;
}

enum status snapshot_file_open(const char *path, struct snapshot_file *ret_file,
                               struct error *err) {
    struct snapshot_file file = {0};
    enum status status = map(path, &file, err);
    if (status) {
        return status;
    }
    status = snapshot_open(file.bytes, file.len, &file.snapshot, err);
    if (status) {
        snapshot_file_close(&file);
        error_within(err, path);
        return status;
    }
    *ret_file = file;
    return STATUS_OK;
}

void snapshot_file_close(struct snapshot_file *file) {
    if (file->bytes) {
        munmap(file->bytes, file->len);
    }
    *file = (struct snapshot_file){0};
}

static bool write_all(int fd, const char *bytes, size_t len) {
    while (len) {
        ssize_t written = write(fd, bytes, len);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        bytes += written > 0 ? written : 0;
        len -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

// The rename itself must survive a power cut too; that it cannot be synced is no reason to fail.
static void sync_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    scoped(cleanup_memory) char *folder =
        slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    scoped(cleanup_fd) int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        fsync(fd);
    }
}

enum status snapshot_file_store(const char *path, const struct buffer *bytes, struct error *err) {
    static const char ending[] = ".XXXXXX";
    size_t len = strlen(path);
    scoped(cleanup_memory) char *temporary = malloc(len + sizeof ending);
    if (!temporary) {
        return fail_no_memory(err);
    }
    memcpy(temporary, path, len);
    memcpy(temporary + len, ending, sizeof ending);
    scoped(cleanup_fd) int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        return fail_errno(err, path, "written");
    }
    if (!write_all(fd, bytes->ptr, bytes->len) || fchmod(fd, 0644) != 0 || fsync(fd) != 0 ||
        rename(temporary, path) != 0) {
        enum status status = fail_errno(err, path, "written");
        unlink(temporary);
        return status;
    }
    sync_folder(path);
    return STATUS_OK;
}
