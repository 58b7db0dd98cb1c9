// SPDX-License-Identifier: MIT
// The file admin.token and its place in the store. The text is in the file alone; the store keeps its hash.
//
// Two things must agree that cannot be changed together, so the order is: write the file, then give its token
// power. After a crash in between, the next start finds the file and goes on with it. A registry that has
// tokens already gives no power to a file's, and a file that was made for nothing is removed again.
#include "registryd/admin_token.h"

#include "registryd/access/token.h"

#include "schema/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

struct token_file {
    char path[PATH_MAX];       // in the data directory
    char fresh_path[PATH_MAX]; // beside it, until it is whole
    char text[TOKEN_TEXT_SIZE];
    bool existed; // it was there before this start
};

static enum status fail_file(const char *path, const char *verb, struct error *err) {
    int error = errno;
    return fail(err, error == ENOSPC ? STATUS_DISK_FULL : STATUS_IO, NULL, "Cannot %s %s: %s", verb,
                path, strerror(error));
}

// The text in the file becomes an administrator's token, so no other user may have written it.
static bool is_own_file(const struct stat *info) {
    return S_ISREG(info->st_mode) && (info->st_uid == geteuid() || info->st_uid == 0) &&
           !(info->st_mode & (S_IWGRP | S_IWOTH));
}

// No file is no failure. O_NONBLOCK: a FIFO of this name must not hang the start.
static enum status read_token(struct token_file *file, struct error *err) {
    char text[TOKEN_TEXT_SIZE * 2] = "";
    struct stat info;
    scoped(cleanup_fd) int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT) {
        return STATUS_OK;
    }
    if (fd < 0 || fstat(fd, &info)) {
        return fail_file(file->path, "read", err);
    }
    if (!is_own_file(&info)) {
        return fail(
            err, STATUS_IO, NULL,
            "Another user could have written %s. Remove the file and start again: registryd "
            "creates a new token.",
            file->path);
    }
    if (read(fd, text, sizeof text - 1) < 0) {
        return fail_file(file->path, "read", err);
    }
    struct text token = text_trim(text_from(text));
    if (token.len >= sizeof file->text || !token_is_well_formed(token)) {
        return fail(err, STATUS_IO, NULL, "%s does not contain a token. Move the file away.",
                    file->path);
    }
    memcpy(file->text, token.ptr, token.len);
    file->existed = true;
    return STATUS_OK;
}

// O_EXCL after unlink: what lay there, a link perhaps, is not written through.
static bool write_fresh(const struct token_file *file) {
    char line[TOKEN_TEXT_SIZE + 1];
    int len = snprintf(line, sizeof line, "%s\n", file->text);
    unlink(file->fresh_path);
    scoped(cleanup_fd) int fd =
        open(file->fresh_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd >= 0 && write(fd, line, (size_t)len) == len && fsync(fd) == 0;
}

static enum status write_token(const char *data_dir, struct token_file *file, struct error *err) {
    enum status status = token_generate("plga_", file->text, err);
    if (status) {
        return status;
    }
    if (!write_fresh(file) || rename(file->fresh_path, file->path)) {
        status = fail_file(file->path, "write", err);
        unlink(file->fresh_path);
        return status;
    }
    scoped(cleanup_fd) int folder = open(data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder < 0 || fsync(folder) ? fail_file(data_dir, "sync", err) : STATUS_OK;
}

enum status admin_token_ensure(const char *data_dir, struct store *store, bool *ret_made,
                               struct error *err) {
    struct token_file file = {0};
    uint8_t hash[32];
    bool made = false;
    snprintf(file.path, sizeof file.path, "%s/admin.token", data_dir);
    snprintf(file.fresh_path, sizeof file.fresh_path, "%s/admin.token.new", data_dir);
    enum status status = read_token(&file, err);
    if (status) {
        return status;
    }
    if (!file.existed) {
        status = write_token(data_dir, &file, err);
    }
    if (status) {
        return status;
    }
    token_hash(text_from(file.text), hash);
    status = store_token_bootstrap(store, "admin", hash, &made, err);
    if (status) {
        return status;
    }
    if (!made && !file.existed) {
        unlink(file.path); // the registry has its tokens already; this one would open nothing
    }
    *ret_made = made;
    return STATUS_OK;
}
