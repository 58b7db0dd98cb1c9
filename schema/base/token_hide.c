// SPDX-License-Identifier: MIT
// Log lines and problem bodies quote parts of requests, and a request may carry a token in the wrong
// place. This file knows only the shape of a token ("plg_", "plga_", "plgc_" and at least 46
// letters and digits); registryd/access/token.c makes tokens of that shape.
#include "schema/base/token_hide.h"

#include "schema/base/text.h"

#include <string.h>

enum { SECRET_LEN = 46 }; // 40 random characters and 6 of checksum

// The secret that begins at `text`; 0 when it is no token's.
static size_t secret_length(const char *text) {
    size_t len = 0;
    while (is_alnum(text[len])) {
        len++;
    }
    return len >= SECRET_LEN ? len : 0;
}

void token_hide(char *text) {
    for (char *at = strstr(text, "plg"); at; at = strstr(at, "plg")) {
        at += strlen("plg");
        size_t kind_len = *at == 'a' || *at == 'c';
        if (at[kind_len] == '_') {
            at += kind_len + 1;
            size_t len = secret_length(at);
            memset(at, '*', len);
            at += len;
        }
    }
}
