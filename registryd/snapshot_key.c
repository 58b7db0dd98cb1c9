// SPDX-License-Identifier: MIT
// The key that signs snapshots (snapshot_key.h). It is wiped from the stack when it has been taken.
#include "registryd/snapshot_key.h"

#include "registryd/private_file.h"

#include <string.h>

enum status snapshot_key_load(const char *path, struct signature_pair *ret_pair,
                              struct error *err) {
    char room[256] = "";
    uint8_t seed[SIGNATURE_KEY_BYTES];
    const struct private_file file = {path, "snapshot key", room, sizeof room};
    struct text bytes;
    enum status status = private_file_read(&file, &bytes, err);
    if (status) {
        return status;
    }
    struct text trimmed = text_trim(bytes);
    room[trimmed.ptr - room + (ptrdiff_t)trimmed.len] = '\0';
    bool is_key = trimmed.len && signature_parse_key(trimmed.ptr, seed);
    if (is_key) {
        signature_pair_init(seed, ret_pair);
    }
    explicit_bzero(room, sizeof room);
    explicit_bzero(seed, sizeof seed);
    return is_key ? STATUS_OK
                  : fail(err, STATUS_USAGE, path,
                         "This file is not a snapshot key. Create one with \"registryctl snapshot "
                         "key FILE\".");
}
