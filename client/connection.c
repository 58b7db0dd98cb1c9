// SPDX-License-Identifier: MIT
// What a connection is, checked: its settings (connection_settings.c), an address that libcurl takes, a
// token that fits into a header.
#include "client/connection.h"

#include "client/fetch.h"

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
    struct connection made;
    enum status wrong = connection_settings(arena, given, &made, err);
    wrong = wrong ? wrong : fetch_check_url(made.url, err);
    wrong = wrong ? wrong : check_token(made.token, err);
    if (!wrong) {
        *ret_connection = made;
    }
    return wrong;
}
