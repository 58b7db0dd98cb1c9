// SPDX-License-Identifier: MIT
// Making and checking the data directory. Made as root when registryd is started as root, and entered as the user it
// becomes: only the second shows whether that user can work there. Messages end with the command that helps,
// as a wrong owner is what most first starts fail with.
//
// Nothing that is there is changed: a directory that others can write to is refused, not put right, because
// what they may have put there would stay.
#include "registryd/data_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status make_parents(const char *path, struct error *err) {
    char parent[PATH_MAX];
    if (snprintf(parent, sizeof parent, "%s", path) >= (int)sizeof parent) {
        return fail(err, STATUS_IO, NULL, "The path of the data directory is too long");
    }
    for (char *slash = strchr(parent + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(parent, 0755) == 0) {
            chmod(parent, 0755); // whatever the umask says: the account must pass
        } else if (errno != EEXIST) {
            return fail(err, STATUS_IO, NULL, "Cannot create the directory %s: %s", parent,
                        strerror(errno));
        }
        *slash = '/';
    }
    return STATUS_OK;
}

enum status data_dir_make(const char *path, const struct account *account, struct error *err) {
    struct stat info;
    if (stat(path, &info) == 0) {
        return STATUS_OK;
    }
    enum status status = make_parents(path, err);
    if (status) {
        return status;
    }
    // Private from the first moment: a wider mode, narrowed later, would leave a gap.
    if (mkdir(path, 0700)) {
        return errno == EEXIST ? STATUS_OK // ends in a slash, or somebody was faster
                               : fail(err, STATUS_IO, NULL, "Cannot create the directory %s: %s",
                                      path, strerror(errno));
    }
    if (account->change && lchown(path, account->uid, account->gid)) {
        return fail(err, STATUS_IO, NULL, "Cannot give directory %s to user %s: %s", path,
                    account->name, strerror(errno));
    }
    return STATUS_OK;
}

// The first directory above `path` (or `path` itself) that the account cannot pass through.
static enum status fail_not_reachable(const char *path, const struct account *account,
                                      struct error *err) {
    char part[PATH_MAX];
    snprintf(part, sizeof part, "%s", path);
    for (char *slash = part; (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        if (faccessat(AT_FDCWD, part, X_OK, AT_EACCESS) && errno == EACCES) {
            return fail(err, STATUS_IO, NULL,
                        "User %s cannot reach the data directory %s through %s. "
                        "Use: chmod o+x %s",
                        account->name, path, part, part);
        }
        *slash = '/';
    }
    return fail(err, STATUS_IO, NULL, "Cannot use the data directory %s: %s", path,
                strerror(EACCES));
}

static enum status fail_not_usable(const char *path, int error, const struct account *account,
                                   struct error *err) {
    struct stat info;
    if (error == EACCES && stat(path, &info) == 0) {
        bool own = info.st_uid == account->uid;
        return fail(err, STATUS_IO, NULL,
                    "User %s cannot write to the data directory %s (owner %u, mode %04o). Choose "
                    "another with --data-dir, or use: %s %s %s",
                    account->name, path, (unsigned)info.st_uid, (unsigned)info.st_mode & 07777,
                    own ? "chmod" : "chown -R", own ? "u+rwx" : account->name, path);
    }
    if (error == EACCES) {
        return fail_not_reachable(path, account, err);
    }
    return fail(err, STATUS_IO, NULL, "Cannot use the data directory %s: %s", path,
                strerror(error));
}

// A user who may write to the directory could put a cluster or a token of their own there.
static enum status check_private(const char *path, const struct stat *info,
                                 const struct account *account, struct error *err) {
    if (info->st_uid != account->uid && info->st_uid != 0) {
        return fail(err, STATUS_IO, NULL,
                    "The data directory %s belongs to another user (%u), who could have written "
                    "what is in it. Use: chown -R %s %s",
                    path, (unsigned)info->st_uid, account->name, path);
    }
    if (info->st_mode & (S_IWGRP | S_IWOTH)) {
        return fail(err, STATUS_IO, NULL,
                    "Other users can write to the data directory %s (mode %04o). Check what is in "
                    "it, then use: chmod go-w %s",
                    path, (unsigned)info->st_mode & 07777, path);
    }
    return STATUS_OK;
}

enum status data_dir_enter(const char *path, const struct account *account, char **ret_path,
                           struct error *err) {
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISDIR(info.st_mode)) {
        return fail(err, STATUS_IO, NULL, "The data directory %s is not a directory", path);
    }
    if (faccessat(AT_FDCWD, path, R_OK | W_OK | X_OK, AT_EACCESS)) {
        return fail_not_usable(path, errno, account, err);
    }
    enum status status = stat(path, &info) ? fail_not_usable(path, errno, account, err)
                                           : check_private(path, &info, account, err);
    if (status) {
        return status;
    }
    char *absolute = realpath(path, NULL);
    if (!absolute || chdir(absolute)) {
        int error = errno;
        free(absolute);
        return fail(err, STATUS_IO, NULL, "Cannot use the data directory %s: %s", path,
                    strerror(error));
    }
    *ret_path = absolute;
    return STATUS_OK;
}
