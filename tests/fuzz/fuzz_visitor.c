// SPDX-License-Identifier: MIT
// Who asks, as headers say it. Input: a line of networks of proxies, a line of X-Forwarded-For, and a
// cookie. What must hold besides not crashing: the address is short and plain, nobody is signed in by a
// cookie that we did not make, and what looks like a token is one no more once it was hidden.
#include "tests/fuzz/fuzz.h"

#include "registryd/request/api.h"
#include "registryd/access/session.h"
#include "registryd/access/token.h"
#include "schema/base/token_hide.h"
#include "registryd/http/head/forwarded.h"

#include <stdlib.h>
#include <string.h>

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static const char *next_line(struct arena *arena, struct text *rest) {
    struct text line = {"", 0};
    text_split(rest, '\n', &line);
    return arena_copy(arena, line.ptr, line.len);
}

static void check_address(const char *networks, const char *header) {
    static const char *const known[] = {"0.0.0.0/0", "10.0.0.0/8"};
    const struct header headers[] = {{"X-Forwarded-For", header}, {"X-Forwarded-For", "1.2.3.4"}};
    for (int hops = 1; hops <= 3; hops++) {
        struct forwarded forwarded;
        struct error err;
        if (forwarded_parse(networks, hops, &forwarded, &err)) {
            must(!forwarded_parse(known[hops % 2], hops, &forwarded, &err));
        }
        struct raw_request raw = {.headers = headers, .header_count = (size_t)(hops % 2 + 1)};
        char client[CLIENT_ADDRESS_SIZE];
        forwarded_client(&forwarded, "10.0.0.1", &raw, client);
        must(*client && strnlen(client, sizeof client) < sizeof client);
        must(strspn(client, "0123456789abcdefABCDEF.:/") == strlen(client));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    static struct sessions *sessions;
    sessions = sessions ? sessions : sessions_new();
    struct arena *arena = arena_new(0);
    struct text rest = {(const char *)bytes, len};
    if (!text_has_nul(bytes, len)) {
        const char *networks = next_line(arena, &rest);
        const char *header = next_line(arena, &rest);
        char *cookie = arena_copy(arena, rest.ptr, rest.len);
        struct api api = {.sessions = sessions};
        struct request request = {.arena = arena, .cookie = cookie};
        struct session session;
        must(networks && header && cookie);
        check_address(networks, header);
        must(session_find(&api, &request, &session, NULL) == STATUS_NOT_FOUND);
        token_hide(cookie);
        must(!token_is_well_formed(text_from(cookie)));
    }
    arena_free(arena);
    return 0;
}
