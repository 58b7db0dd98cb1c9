// SPDX-License-Identifier: MIT
// Settings of a connection: given, else from the environment variables, else the defaults. Apart from
// connection.c, so that what only reads files can be linked without libcurl.
#include "client/remote/connection.h"

#include "schema/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

// "1", "yes", "true": anything else is no consent.
static bool is_set(const char *variable) {
    const char *value = getenv(variable);
    return value && (strcmp(value, "1") == 0 || strcasecmp(value, "yes") == 0 ||
                     strcasecmp(value, "true") == 0);
}

enum status connection_settings(struct arena *arena, const struct connection *given,
                                struct connection *ret_connection, struct error *err) {
    bool failed = false;
    struct connection made = {
        .url = choose(arena, given->url, "REGISTRYD_URL", default_url, &failed),
        .token = choose(arena, given->token, "REGISTRYD_TOKEN", NULL, &failed),
        .environment =
            choose(arena, given->environment, "REGISTRYD_ENVIRONMENT", "default", &failed),
        .insecure_plain = given->insecure_plain || is_set("REGISTRYD_INSECURE_PLAIN"),
        .stop = given->stop,
        .is_cancelled = given->is_cancelled,
        .cancel_context = given->cancel_context,
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
    *ret_connection = made;
    return STATUS_OK;
}
