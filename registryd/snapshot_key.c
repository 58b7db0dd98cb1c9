// SPDX-License-Identifier: MIT
// Reading the key file (snapshot_key.h). What was opened is what is checked: a check by name could be about
// another file than the one that is read. The key is wiped from the stack when it has been taken.
#include "registryd/snapshot_key.h"

#include "schema/base/cleanup.h"
#include "schema/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static enum status check_file(int fd, const char *path, struct error *err) {
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0) {
        return fail(err, STATUS_USAGE, path, "The snapshot key cannot be read: %s",
                    strerror(errno));
    }
    // The owner must be this user or root. Root itself accepts the file of any owner.
    bool is_private = S_ISREG(info.st_mode) && !(info.st_mode & 077) &&
                      (info.st_uid == geteuid() || info.st_uid == 0 || geteuid() == 0);
    return is_private ? STATUS_OK
                      : fail(err, STATUS_USAGE, path,
                             "The snapshot key must be a file that only you can read. "
                             "Use: chmod 600");
}

enum status snapshot_key_load(const char *path, struct signature_pair *ret_pair,
                              struct error *err) {
    char text[256] = "";
    uint8_t seed[SIGNATURE_KEY_BYTES];
    // O_NONBLOCK, so that a named pipe in place of the file cannot block the start. check_file
    // refuses it.
    scoped(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    enum status status = check_file(fd, path, err);
    if (status) {
        return status;
    }
    ssize_t len = read(fd, text, sizeof text - 1);
    struct text trimmed = text_trim((struct text){text, len > 0 ? (size_t)len : 0});
    text[trimmed.ptr - text + (ptrdiff_t)trimmed.len] = '\0';
    bool is_key = len > 0 && signature_parse_key(trimmed.ptr, seed);
    if (is_key) {
        signature_pair_init(seed, ret_pair);
    }
    explicit_bzero(text, sizeof text);
    explicit_bzero(seed, sizeof seed);
    return is_key ? STATUS_OK
                  : fail(err, STATUS_USAGE, path,
                         "This file is not a snapshot key. Create one with \"registryctl snapshot "
                         "key FILE\".");
}
