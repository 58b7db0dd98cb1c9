// SPDX-License-Identifier: MIT
// One request under way, and the reading of its body. Internal to the server_*.c files. Called on
// civetweb's worker threads.
#pragma once

#include "registryd/http/server_exchange.h"

struct mg_request_info;

enum { HALF_ID_DIGITS = 8, REQUEST_ID_SIZE = 2 * HALF_ID_DIGITS + 2 };

struct transaction {
    struct server *server;
    struct mg_connection *connection;
    const struct mg_request_info *info;
    struct exchange exchange;
    struct request_head head;
    char request_id[REQUEST_ID_SIZE];
    char client[CLIENT_ADDRESS_SIZE];
    int64_t began_ns;
    int64_t began_ms;
    bool is_unreadable; // civetweb's split of it means nothing
    bool must_close;
    bool has_unread_bytes;
    bool holds_body_place;
    bool holds_large_place;
    void *large_body; // a mapping of its own, of as many bytes as the head says; or NULL
    size_t sent_bytes;
};

// When so many bytes must have come or gone.
int64_t transaction_deadline_ms(const struct transaction *transaction, size_t len);

// Reads the body, if there is one, into the request. Small ones go into the arena; of large ones only a
// few may be under way at once, and each gets memory that goes back to the system at its end.
// Fails with: TOO_MANY, MALFORMED (it ended early), TIMEOUT, NO_MEMORY.
enum status transaction_body_begin(struct transaction *transaction);

// Gives back what transaction_body_begin took: the body is gone.
void transaction_body_end(struct transaction *transaction);
