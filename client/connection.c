// SPDX-License-Identifier: MIT
// Settings of a connection: given, else from the environment variables, else the defaults.
#include "client/connection.h"

#include "client/fetch.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_TIMEOUT_MS = 10000 };

static const char default_url[] = "http://127.0.0.1:7621";

// The setting without white space around it (a token often comes from a file with its newline);
// an empty one counts as not given. Arena; *failed is set when out of memory.
static const char *choose(struct arena *arena, const char *given, const char *variable,
                          const char *otherwise, bool *failed) {
    const char *fallback = getenv(variable);
    struct text text = text_trim(text_from(given ? given : fallback));
    const char *copy =
        text.len ? arena_copy(arena, text.ptr, text.len) : arena_strdup(arena, otherwise);
    *failed |= !copy && (text.len || otherwise);
    return copy;
}

// What goes into a header line must not be able to end it.
static enum status check_token(const char *token, struct error *err) {
    for (const char *p = token; p && *p; p++) {
        if (*p <= ' ' || *p > '~') {
            return fail(err, STATUS_USAGE, NULL,
                        "The token holds white space or a character outside ASCII; "
                        "see --token and REGISTRYD_TOKEN");
        }
    }
    return STATUS_OK;
}

enum status connection_init(struct arena *arena, const struct connection *given,
                            struct connection *ret_connection, struct error *err) {
    bool failed = false;
    struct connection made = {
        .url = choose(arena, given->url, "REGISTRYD_URL", default_url, &failed),
        .token = choose(arena, given->token, "REGISTRYD_TOKEN", NULL, &failed),
        .environment =
            choose(arena, given->environment, "REGISTRYD_ENVIRONMENT", "default", &failed),
        .timeout_ms = given->timeout_ms > 0 ? given->timeout_ms : DEFAULT_TIMEOUT_MS,
    };
    if (failed) {
        return fail_no_memory(err);
    }
    size_t len = strlen(made.url);
    while (len && made.url[len - 1] == '/') {
        len--;
    }
    made.url = arena_copy(arena, made.url, len);
    if (!made.url) {
        return fail_no_memory(err);
    }
    enum status wrong = fetch_check_url(made.url, err);
    wrong = wrong ? wrong : check_token(made.token, err);
    if (!wrong) {
        *ret_connection = made;
    }
    return wrong;
}
