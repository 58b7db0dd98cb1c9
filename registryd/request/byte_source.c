// SPDX-License-Identifier: MIT
// The source over bytes in memory. The one over a connection is the server's (http/server_body.c).
#include "registryd/request/byte_source.h"

static enum status read_text(void *context, char *room, size_t size, size_t *ret_len,
                             struct error *err) {
    struct text *rest = context;
    size_t len = rest->len < size ? rest->len : size;
    (void)err;
    if (len) { // an empty text may point nowhere
        memcpy(room, rest->ptr, len);
        rest->ptr += len;
        rest->len -= len;
    }
    *ret_len = len;
    return STATUS_OK;
}

struct byte_source byte_source_of(struct text *rest) {
    return (struct byte_source){rest, (int64_t)rest->len, read_text};
}
