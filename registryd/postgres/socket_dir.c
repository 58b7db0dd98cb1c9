// SPDX-License-Identifier: MIT
// Choosing, making and removing the socket's folder.
#include "registryd/postgres/socket_dir.h"

#include "schema/base/list.h"

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

static bool fits(const char *parent, const char *name, char ret_dir[SOCKET_DIR_SIZE]) {
    return parent && parent[0] == '/' &&
           snprintf(ret_dir, SOCKET_DIR_SIZE, "%s/" NAME_START "%s", parent, name) <
               SOCKET_DIR_SIZE;
}

static bool make_named(const char *parent, const char *name, const char *avoid,
                       char ret_dir[SOCKET_DIR_SIZE]) {
    char dir[SOCKET_DIR_SIZE];
    bool is_made = fits(parent, name, dir) && (!avoid || strcmp(dir, avoid) != 0) &&
                   (mkdir(dir, 0700) == 0 || (errno == EEXIST && is_ours(dir)));
    if (is_made) {
        memcpy(ret_dir, dir, sizeof dir);
    }
    return is_made;
}

static bool make_unnamed(const char *parent, char ret_dir[SOCKET_DIR_SIZE]) {
    char dir[SOCKET_DIR_SIZE];
    bool is_made = fits(parent, "XXXXXX", dir) && mkdtemp(dir);
    if (is_made) {
        memcpy(ret_dir, dir, sizeof dir);
    }
    return is_made;
}

enum status socket_dir_make(const struct postmaster *last, const char *data_dir, const char *avoid,
                            char ret_dir[SOCKET_DIR_SIZE], struct error *err) {
    const char *parents[] = {getenv("RUNTIME_DIRECTORY"), getenv("XDG_RUNTIME_DIR"),
                             "/run/registryd", "/tmp"};
    char name[64];
    struct stat info;
    if (is_ours(last->socket_dir) && (!avoid || strcmp(last->socket_dir, avoid) != 0)) {
        memcpy(ret_dir, last->socket_dir, SOCKET_DIR_SIZE);
        return STATUS_OK;
    }
    if (stat(data_dir, &info)) {
        return fail(err, STATUS_IO, NULL, "Cannot look at %s: %s", data_dir, strerror(errno));
    }
    snprintf(name, sizeof name, "%llx-%llx", (unsigned long long)info.st_dev,
             (unsigned long long)info.st_ino);
    for (size_t i = 0; i < COUNT_OF(parents); i++) {
        if (make_named(parents[i], name, avoid, ret_dir) || make_unnamed(parents[i], ret_dir)) {
            return STATUS_OK;
        }
    }
    return fail(err, STATUS_IO, NULL,
                "Cannot make a folder for PostgreSQL's socket under /run/registryd or /tmp: %s",
                strerror(errno));
}

void socket_dir_remove(const char *dir) {
    static const char *const names[] = {".s.PGSQL.5432", ".s.PGSQL.5432.lock"};
    if (!is_ours(dir)) {
        return;
    }
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    rmdir(dir);
}
