// SPDX-License-Identifier: MIT
// A key has one line. O_NONBLOCK keeps a named pipe from holding the command. The seed is erased from every buffer as
// soon as it was used.
#include "client/cli/input/key_file.h"

#include "schema/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum status key_file_read(const char *path, struct signature_pair *ret_pair, struct error *err) {
    char text[256] = "";
    uint8_t seed[SIGNATURE_KEY_BYTES];
    scoped(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (len < 0) {
        return fail(err, STATUS_IO, path, "The key file cannot be read: %s", strerror(errno));
    }
    text[strcspn(text, "\r\n")] = '\0';
    bool is_key = signature_parse_key(text, seed);
    explicit_bzero(text, sizeof text);
    if (!is_key) {
        return fail(err, STATUS_MALFORMED, path, "The file is not a signing key of a registry.");
    }
    signature_pair_init(seed, ret_pair);
    explicit_bzero(seed, sizeof seed);
    return STATUS_OK;
}
