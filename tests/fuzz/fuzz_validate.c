// SPDX-License-Identifier: MIT
// Request headers: the input is lines of "Name: value", as a server's parser would hand them over.
#include "tests/fuzz/fuzz.h"

#include "registryd/http/head/validate.h"
#include "schema/base/arena.h"

#include <string.h>

enum { MAX_HEADERS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct header headers[MAX_HEADERS];
    struct raw_request raw = {.method = "GET", .target = "/", .version = "1.1", .headers = headers};
    char *rest = arena_copy(arena, bytes, len);
    char *line;
    while (raw.header_count < MAX_HEADERS && (line = strsep(&rest, "\n"))) {
        char *name = strsep(&line, ":");
        headers[raw.header_count++] = (struct header){name, line ? line : ""};
    }
    struct request_head head;
    struct error err;
    validate_headers(&raw, &head, &err);
    arena_free(arena);
    return 0;
}
