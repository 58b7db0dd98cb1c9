// SPDX-License-Identifier: MIT
// The file system half of settings and credentials. A new file is made under a name of its own with mode 0600 before
// a byte of it is written, so that a token is never readable by others, not even for a moment.
#include "client/cli/settings/user_file.h"

#include "schema/base/cleanup.h"
#include "schema/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 1024 * 1024 };

// A relative path in XDG_CONFIG_HOME is ignored: the specification calls it invalid.
const char *user_file_path(struct arena *arena, const char *name) {
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    if (config && *config == '/') {
        return arena_printf(arena, "%s/registryd/%s", config, name);
    }
    return home && *home ? arena_printf(arena, "%s/.config/registryd/%s", home, name) : NULL;
}

const char *user_file_resolve(struct arena *arena, const char *file, const char *path) {
    const char *home = getenv("HOME");
    const char *slash = strrchr(file, '/');
    if (strncmp(path, "~/", 2) == 0 && home) {
        return arena_printf(arena, "%s%s", home, path + 1);
    }
    if (*path == '/' || !slash) {
        return path;
    }
    return arena_printf(arena, "%.*s/%s", (int)(slash - file), file, path);
}

struct user_file_rights user_file_look(const char *path) {
    struct stat info;
    if (stat(path, &info)) {
        return (struct user_file_rights){0};
    }
    bool is_ours = info.st_uid == geteuid() || info.st_uid == 0;
    return (struct user_file_rights){
        .is_there = true,
        .others_read = info.st_mode & (S_IRGRP | S_IROTH),
        .others_write = !is_ours || (info.st_mode & (S_IWGRP | S_IWOTH)),
    };
}

// Whether there is no such file for this user. In a folder that the user may not enter, a service's user for example has
// no file of its own; a file that is there and cannot be read is a mistake.
static bool is_absent(const char *path, int error) {
    struct stat info;
    return error == ENOENT || error == ENOTDIR ||
           (error == EACCES && stat(path, &info) < 0 && errno == EACCES);
}

// O_NONBLOCK: a pipe under this name must not hold the command.
enum status user_file_read(struct arena *arena, const char *path, const char **ret_text,
                           struct error *err) {
    scoped(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    scoped(buffer_done) struct buffer text;
    buffer_init(&text, FILE_BYTES_MAX);
    if (fd < 0 && is_absent(path, errno)) {
        *ret_text = NULL;
        return STATUS_OK;
    }
    char piece[4096];
    ssize_t count = fd < 0 ? -1 : read(fd, piece, sizeof piece);
    for (; count > 0; count = read(fd, piece, sizeof piece)) {
        buffer_add(&text, piece, (size_t)count);
    }
    if (count < 0) {
        return fail(err, STATUS_IO, path, "Cannot read the file: %s", strerror(errno));
    }
    if (text.failed) {
        return fail(err, text.failed, path, "The file is larger than 1 MiB");
    }
    const char *copy = arena_copy(arena, text.ptr ? text.ptr : "", text.len);
    if (!copy) {
        return fail_no_memory(err);
    }
    *ret_text = copy;
    return STATUS_OK;
}

static enum status fail_write(const char *path, struct error *err) {
    return fail(err, errno == ENOSPC || errno == EDQUOT ? STATUS_DISK_FULL : STATUS_IO, path,
                "Cannot write the file: %s", strerror(errno));
}

// A failure of a folder above shows again in the last mkdir.
static enum status make_folders(struct arena *arena, const char *path, struct error *err) {
    char *folder = arena_strdup(arena, path);
    char *last = folder ? strrchr(folder, '/') : NULL;
    if (!folder) {
        return fail_no_memory(err);
    }
    if (!last || last == folder) {
        return STATUS_OK;
    }
    *last = '\0';
    for (char *at = folder + 1; *at; at++) {
        if (*at == '/') {
            *at = '\0';
            mkdir(folder, 0700);
            *at = '/';
        }
    }
    return mkdir(folder, 0700) == 0 || errno == EEXIST ? STATUS_OK : fail_write(folder, err);
}

// Closes the descriptor. errno is that of the first call that failed.
static bool write_whole(int fd, const char *text) {
    size_t len = strlen(text);
    bool is_good = true;
    for (size_t at = 0; is_good && at < len;) {
        ssize_t count = write(fd, text + at, len - at);
        is_good = count >= 0 || errno == EINTR;
        at += count > 0 ? (size_t)count : 0;
    }
    is_good = is_good && fsync(fd) == 0;
    int first = errno;
    bool is_closed = close(fd) == 0;
    errno = is_good ? errno : first;
    return is_good && is_closed;
}

// mkostemp gives mode 0600, whatever the umask.
enum status user_file_write(struct arena *arena, const char *path, const char *text,
                            struct error *err) {
    enum status status = make_folders(arena, path, err);
    if (status) {
        return status;
    }
    char *beside = arena_printf(arena, "%s.XXXXXX", path);
    if (!beside) {
        return fail_no_memory(err);
    }
    int fd = mkostemp(beside, O_CLOEXEC);
    if (fd < 0) {
        return fail_write(path, err);
    }
    if (!write_whole(fd, text) || rename(beside, path)) {
        status = fail_write(path, err);
        unlink(beside);
        return status;
    }
    return STATUS_OK;
}
