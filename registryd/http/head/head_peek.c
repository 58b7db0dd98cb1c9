// SPDX-License-Identifier: MIT
// Runs once for each connection, and once for each request on a connection that was idle; requests that
// follow each other closely never come here. What a client says of itself here can only cost its own
// request time, or a place among the few workers that are kept back, which are limited by kind.
#include "registryd/http/head/head_peek.h"

#include "schema/base/limits.h"

#include <stdlib.h>
#include <string.h>

enum { WAITED_BODY_BYTES = 32 * 1024 }; // fits a socket's buffer in the kernel

static bool may_be_in_head(char c) {
    unsigned char byte = (unsigned char)c;
    return byte >= 0x80 || (byte >= 0x20 && byte < 0x7f) || c == '\r' || c == '\n';
}

// In the order civetweb looks: a head ends where the first empty line does, and what is behind it may
// be any bytes.
enum head_state head_examine(const char *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (!may_be_in_head(bytes[i])) {
            return HEAD_MALFORMED;
        }
        bool is_end = bytes[i] == '\n' && ((i > 0 && bytes[i - 1] == '\n') ||
                                           (i > 2 && memcmp(bytes + i - 3, "\r\n\r\n", 4) == 0));
        if (is_end) {
            return HEAD_COMPLETE;
        }
    }
    return len >= LIMIT_HEADER_BLOCK_BYTES ? HEAD_FULL : HEAD_INCOMPLETE;
}

static bool begins(const char *head, const char *word) {
    return strncmp(head, word, strlen(word)) == 0;
}

static enum head_kind kind_of(const char *head) {
    if (begins(head, "GET /healthz ") || begins(head, "GET /readyz ") ||
        begins(head, "GET /metrics ")) {
        return HEAD_WATCH;
    }
    bool is_admin = begins(head, "POST /v1/tokens/") || begins(head, "POST /tokens/") ||
                    strcasestr(head, "\nauthorization: bearer plga_");
    return is_admin ? HEAD_ADMIN : HEAD_ORDINARY;
}

// How long the body is that is worth waiting for; 0 when there is none, when it is too long, or when the
// client waits for a word first.
static size_t body_to_wait_for(const char *head) {
    const char *length = head[0] == 'P' ? strcasestr(head, "\ncontent-length:") : NULL;
    if (!length || strcasestr(head, "\nexpect:")) {
        return 0;
    }
    unsigned long bytes = strtoul(length + strlen("\ncontent-length:"), NULL, 10);
    return bytes <= WAITED_BODY_BYTES ? bytes : 0;
}

struct head_peek head_peek(char *bytes, size_t len) {
    enum head_state state = head_examine(bytes, len);
    if (state == HEAD_INCOMPLETE) {
        return (struct head_peek){0, HEAD_ORDINARY};
    }
    char *end = memmem(bytes, len, "\r\n\r\n", 4);
    if (state != HEAD_COMPLETE || !end) {
        return (struct head_peek){len, HEAD_ORDINARY}; // a worker says what is wrong with it
    }
    end[2] = '\0'; // what follows is not the head
    return (struct head_peek){(size_t)(end + 4 - bytes) + body_to_wait_for(bytes), kind_of(bytes)};
}
