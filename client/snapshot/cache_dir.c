// SPDX-License-Identifier: MIT
// The cache folder (cache_dir.h). Checks are made on what was opened, never on a name.
#include "client/snapshot/cache_dir.h"

#include "schema/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static const char *set(const char *variable) {
    const char *value = getenv(variable);
    return value && *value ? value : NULL;
}

enum status cache_dir_find(struct arena *arena, const char *given, struct cache_dir *ret_folder,
                           struct error *err) {
    const char *named = given && *given ? given : set("REGISTRYD_CACHE_DIR");
    const char *cache = set("XDG_CACHE_HOME");
    const char *home = set("HOME");
    const char *path = NULL;
    if (named) {
        path = arena_strdup(arena, named);
    } else if (cache &&
               cache[0] == '/') { // a relative one counts as none, as its specification says
        path = arena_printf(arena, "%s/registryd", cache);
    } else if (home && home[0] == '/') {
        path = arena_printf(arena, "%s/.cache/registryd", home);
    } else {
        return fail(err, STATUS_NOT_FOUND, NULL,
                    "There is no place to keep a snapshot: neither HOME nor XDG_CACHE_HOME is set; "
                    "set REGISTRYD_CACHE_DIR");
    }
    *ret_folder = (struct cache_dir){.path = path, .is_named = named};
    return path ? STATUS_OK : fail_no_memory(err);
}

static enum status fail_errno(struct error *err, const char *path, const char *what) {
    enum status status = errno == ENOENT || errno == ENOTDIR  ? STATUS_NOT_FOUND
                         : errno == ENOSPC || errno == EDQUOT ? STATUS_DISK_FULL
                                                              : STATUS_IO;
    return fail(err, status, path, "The snapshot %s: %s", what, strerror(errno));
}

// Makes the folder and those above it; those that are there stay as they are.
static enum status make_folders(const char *path, struct error *err) {
    scoped(cleanup_memory) char *partial = strdup(path);
    if (!partial) {
        return fail_no_memory(err);
    }
    for (char *at = partial + 1; *at; at++) {
        if (*at == '/') {
            *at = '\0';
            mkdir(partial, 0700);
            *at = '/';
        }
    }
    return mkdir(partial, 0700) == 0 || errno == EEXIST
               ? STATUS_OK
               : fail_errno(err, path, "folder cannot be made");
}

// Root could do anything anyway. Another user's place is trusted only when somebody named it.
static bool may_own(uid_t owner, bool is_named) {
    return owner == geteuid() || owner == 0 || is_named;
}

enum status cache_dir_open(const struct cache_dir *folder, bool make,
                           struct cache_dir_handle *ret_handle, struct error *err) {
    struct stat info;
    enum status failed = make ? make_folders(folder->path, err) : STATUS_OK;
    if (failed) {
        return failed;
    }
    scoped(cleanup_fd) int fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0) {
        return fail_errno(err, folder->path, "folder cannot be opened");
    }
    if (!may_own(info.st_uid, folder->is_named) || (info.st_mode & (S_IWGRP | S_IWOTH))) {
        return fail(err, STATUS_FORBIDDEN, folder->path,
                    "Other users may write to the folder of the snapshots, so nothing in it is "
                    "used; it must belong to you, with chmod go-w");
    }
    *ret_handle = (struct cache_dir_handle){.fd = fd, .owner = info.st_uid};
    fd = -1;
    return STATUS_OK;
}

enum status cache_dir_open_file(const struct cache_dir *folder, const char *name, int *ret_fd,
                                struct error *err) {
    char path[512];
    struct stat info;
    struct cache_dir_handle handle = {.fd = -1};
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    enum status failed = cache_dir_open(folder, false, &handle, err);
    if (failed) {
        return failed;
    }
    scoped(cleanup_fd) int folder_fd = handle.fd;
    scoped(cleanup_fd) int fd =
        openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0 && errno == ELOOP) {
        return fail(err, STATUS_FORBIDDEN, path, "The snapshot is a link; links are not followed");
    }
    if (fd < 0 || fstat(fd, &info) != 0) {
        return fail_errno(err, path, "cannot be opened");
    }
    bool is_ours = info.st_uid == geteuid() || info.st_uid == 0 || info.st_uid == handle.owner;
    if (!S_ISREG(info.st_mode) || !is_ours || (info.st_mode & (S_IWGRP | S_IWOTH))) {
        return fail(err, STATUS_FORBIDDEN, path,
                    "The snapshot is no regular file that only its owner may write to");
    }
    *ret_fd = fd;
    fd = -1;
    return STATUS_OK;
}
