// SPDX-License-Identifier: MIT
// Choosing, making and removing the socket's folder.
#include "registryd/store/socket_dir.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_START "registryd-pg-"

static bool is_ours(const char *dir) {
    struct stat info;
    const char *name = strrchr(dir, '/');
    return name && strncmp(name + 1, NAME_START, strlen(NAME_START)) == 0 &&
           lstat(dir, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid() &&
           (info.st_mode & 077) == 0;
}

static bool make_under(const char *parent, char ret_dir[SOCKET_DIR_SIZE]) {
    char dir[SOCKET_DIR_SIZE];
    if (!parent || parent[0] != '/' ||
        snprintf(dir, sizeof dir, "%s/" NAME_START "XXXXXX", parent) >= (int)sizeof dir ||
        !mkdtemp(dir)) {
        return false;
    }
    memcpy(ret_dir, dir, sizeof dir);
    return true;
}

enum status socket_dir_make(const struct postmaster *last, char ret_dir[SOCKET_DIR_SIZE],
                            struct error *err) {
    const char *parents[] = {getenv("RUNTIME_DIRECTORY"), getenv("XDG_RUNTIME_DIR"),
                             "/run/registryd", "/tmp"};
    if (is_ours(last->socket_dir)) {
        memcpy(ret_dir, last->socket_dir, SOCKET_DIR_SIZE);
        return STATUS_OK;
    }
    for (size_t i = 0; i < sizeof parents / sizeof *parents; i++) {
        if (make_under(parents[i], ret_dir)) {
            return STATUS_OK;
        }
    }
    return fail(err, STATUS_IO, NULL,
                "Cannot make a folder for PostgreSQL's socket under /run/registryd or /tmp: %s",
                strerror(errno));
}

void socket_dir_remove(const char *dir) {
    static const char *const names[] = {".s.PGSQL.5432", ".s.PGSQL.5432.lock"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    rmdir(dir);
}
