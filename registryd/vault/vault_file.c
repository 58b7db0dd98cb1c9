// SPDX-License-Identifier: MIT
// A key that is lost loses what it sealed, so the file is never written in place: a new one is written beside it, brought
// to disk and put in its place. What was opened is what is checked and read.
#include "registryd/vault/vault_file.h"

#include "schema/base/cleanup.h"
#include "schema/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_BYTES = 4096, HASH_BYTES = 8, KEY_HEX = 2 * VAULT_KEY_BYTES };

static const char head[] = "# Keys of registryd's secrets, the newest first. Keep a copy: without "
                           "it the secrets are lost.\n";

static void set_id(struct vault_key *key) {
    static const uint8_t purpose[] = "registryd secrets key id";
    uint8_t hash[crypto_generichash_BYTES];
    crypto_generichash(hash, sizeof hash, key->bytes, sizeof key->bytes, purpose, sizeof purpose);
    sodium_bin2hex(key->id, sizeof key->id, hash, HASH_BYTES);
}

void vault_key_make(struct vault_key *ret_key) {
    randombytes_buf(ret_key->bytes, sizeof ret_key->bytes);
    set_id(ret_key);
}

static enum status refuse(const char *path, const char *what, struct error *err) {
    return fail(err, STATUS_UNAVAILABLE, NULL,
                "The file of the secrets key %s %s. Secrets cannot be read or set; everything else "
                "works.",
                path, what);
}

static enum status check_file(int fd, const char *path, struct error *err) {
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return refuse(path, strerror(errno), err);
    }
    bool is_private = S_ISREG(info.st_mode) && !(info.st_mode & 077) &&
                      (info.st_uid == geteuid() || info.st_uid == 0);
    return is_private
               ? STATUS_OK
               : refuse(path, "must be readable by registryd's user alone: use chmod 600", err);
}

static bool add_line(struct vault_keys *keys, struct text line) {
    struct vault_key *key = &keys->items[keys->count];
    size_t len = 0;
    if (!line.len || line.ptr[0] == '#') {
        return true;
    }
    if (line.len != KEY_HEX || keys->count == VAULT_KEYS_MAX ||
        sodium_hex2bin(key->bytes, sizeof key->bytes, line.ptr, line.len, NULL, &len, NULL) ||
        len != sizeof key->bytes) {
        return false;
    }
    set_id(key);
    keys->count++;
    return true;
}

enum status vault_file_read(const char *path, struct vault_keys *ret_keys, bool *ret_exists,
                            struct error *err) {
    char text[FILE_BYTES];
    struct vault_keys keys = {.count = 0};
    scoped(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    *ret_exists = fd >= 0;
    *ret_keys = keys;
    if (fd < 0) {
        return errno == ENOENT ? STATUS_OK : refuse(path, strerror(errno), err);
    }
    enum status status = check_file(fd, path, err);
    if (status) {
        return status;
    }
    ssize_t len = read(fd, text, sizeof text);
    struct text rest = {text, len > 0 ? (size_t)len : 0};
    struct text line;
    bool is_good = len >= 0 && len < (ssize_t)sizeof text;
    while (is_good && text_split(&rest, '\n', &line)) {
        is_good = add_line(&keys, text_trim(line));
    }
    sodium_memzero(text, sizeof text);
    *ret_keys = keys;
    sodium_memzero(&keys, sizeof keys);
    return is_good ? STATUS_OK : refuse(path, "is not a file of secrets keys", err);
}

static bool write_keys(int fd, const struct vault_keys *keys) {
    char line[KEY_HEX + 2];
    bool is_good = write(fd, head, sizeof head - 1) == (ssize_t)sizeof head - 1;
    for (size_t i = 0; i < keys->count && is_good; i++) {
        sodium_bin2hex(line, sizeof line, keys->items[i].bytes, VAULT_KEY_BYTES);
        line[KEY_HEX] = '\n';
        is_good = write(fd, line, KEY_HEX + 1) == KEY_HEX + 1;
    }
    sodium_memzero(line, sizeof line);
    return is_good && fsync(fd) == 0;
}

static bool sync_folder(const char *path) {
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash) {
        slash[slash == folder] = '\0';
    }
    scoped(cleanup_fd) int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0;
}

// A link fails where a file is; so the first of two daemons that make a key wins.
static bool put_in_place(const char *fresh, const char *path, bool creates) {
    if (!creates) {
        return rename(fresh, path) == 0;
    }
    struct stat info;
    if (stat(path, &info) == 0 && info.st_size == 0) {
        unlink(path); // an operator's word that a new key is wanted
    }
    bool is_there = link(fresh, path) == 0 || errno == EEXIST;
    unlink(fresh);
    return is_there;
}

enum status vault_file_write(const char *path, const struct vault_keys *keys, bool creates,
                             struct error *err) {
    char fresh[PATH_MAX];
    int len = snprintf(fresh, sizeof fresh, "%s.%d.new", path, (int)getpid());
    if (len < 0 || len >= (int)sizeof fresh) {
        return refuse(path, "has too long a name", err);
    }
    unlink(fresh);
    scoped(cleanup_fd) int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool is_written =
        fd >= 0 && write_keys(fd, keys) && put_in_place(fresh, path, creates) && sync_folder(path);
    if (!is_written) {
        int error = errno;
        unlink(fresh);
        return refuse(path, strerror(error), err);
    }
    return STATUS_OK;
}
