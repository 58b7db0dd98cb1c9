// SPDX-License-Identifier: MIT
// How to reach a registry: its address, our token, the environment we ask for. Read-only once made,
// so any thread may use it.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"

#include <stdatomic.h>
#include <stdbool.h>

struct patience;

// The strings live in the arena of connection_init. A thread that wants another time limit copies
// the struct: the copy shares the strings.
struct connection {
    const char *url;         // without a slash at its end
    const char *token;       // NULL: none
    const char *environment; // never NULL
    int timeout_ms;          // of one request
    bool insecure_plain;     // the token may go over plain http to another host
    const char *
        ca_file; // PEM: the only authorities that may vouch for an https address; NULL: the machine's
    const char *client_cert; // PEM: what proves who we are to a server that asks; NULL: none
    const char *client_key;  // PEM: its key; NULL: it is in the file of the certificate
    const char
        *proxy; // for any address; NULL: the variables of the machine (HTTPS_PROXY, NO_PROXY)
    const struct patience
        *patience; // for calls that bring none of their own (api_call.h); NULL: none
    // When it becomes true, requests under way are given up within a second. NULL: never.
    const atomic_bool *stop;
    // Asked at least once a second, by the thread that sends: true gives the request up. NULL: never.
    bool (*is_cancelled)(void *context);
    void *cancel_context; // handed to `is_cancelled`
};

// Completes what is given (members may be NULL or 0) from REGISTRYD_URL, REGISTRYD_TOKEN, REGISTRYD_ENVIRONMENT,
// REGISTRYD_INSECURE_PLAIN, REGISTRYD_CA_FILE (else SSL_CERT_FILE), REGISTRYD_CLIENT_CERT, REGISTRYD_CLIENT_KEY,
// REGISTRYD_PROXY and the defaults, and checks it. Opens no connection. Arena.
// Fails with: USAGE (says which setting, and what it wants), NO_MEMORY.
enum status connection_init(struct arena *arena, const struct connection *given,
                            struct connection *ret_connection, struct error *err);

// The same without the check: for callers that only want to know what is set.
// Fails with: NO_MEMORY.
enum status connection_settings(struct arena *arena, const struct connection *given,
                                struct connection *ret_connection, struct error *err);
