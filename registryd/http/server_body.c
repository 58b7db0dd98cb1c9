// SPDX-License-Identifier: MIT
// A request's body, from its place among those under way to its last byte. A large one is mapped and
// unmapped by itself: the heap would keep what it has once held.
#include "registryd/http/server_transaction.h"

#include "schema/base/limits.h"

#include <civetweb.h>
#include <sys/mman.h>

enum {
    SMALL_BODY_BYTES = LIMIT_DOCUMENT_BYTES,
    LARGE_BODIES_AT_ONCE = 4,
};

int64_t transaction_deadline_ms(const struct transaction *transaction, size_t len) {
    const struct server_settings *settings = &transaction->server->settings;
    return receive_clock_ms() + settings->body_timeout_ms +
           (int64_t)len * 1000 / settings->body_bytes_per_second;
}

static enum status too_many(int max, const char *what, struct error *err) {
    return fail(err, STATUS_TOO_MANY, NULL,
                "%d requests with a %s are under way; try again in a moment", max, what);
}

static enum status take_place(struct transaction *transaction, size_t len) {
    struct server *server = transaction->server;
    struct error *err = &transaction->exchange.error;
    int max = server->settings.bodies_at_once;
    transaction->holds_body_place = true;
    if (atomic_fetch_add(&server->bodies, 1) >= max) {
        return too_many(max, "body", err);
    }
    if (len <= SMALL_BODY_BYTES) {
        return STATUS_OK;
    }
    transaction->holds_large_place = true;
    return atomic_fetch_add(&server->large_bodies, 1) < LARGE_BODIES_AT_ONCE
               ? STATUS_OK
               : too_many(LARGE_BODIES_AT_ONCE, "large body", err);
}

// Room for `len` bytes; NULL when there is none.
static char *make_room(struct transaction *transaction, size_t len) {
    if (len <= SMALL_BODY_BYTES) {
        return arena_alloc(transaction->exchange.request.arena, len + 1);
    }
    void *room = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    transaction->large_body = room == MAP_FAILED ? NULL : room;
    return transaction->large_body;
}

static enum status short_body(const struct transaction *transaction, size_t got,
                              struct error *err) {
    long long wanted = transaction->head.content_length;
    if (receive_is_closed()) {
        return fail(err, STATUS_MALFORMED, NULL, "The body ended after %zu of %lld bytes", got,
                    wanted);
    }
    return fail(err, STATUS_TIMEOUT, NULL, "Only %zu of %lld bytes of the body came in time", got,
                wanted);
}

static enum status read_body(struct transaction *transaction, size_t len) {
    struct error *err = &transaction->exchange.error;
    char *body = make_room(transaction, len);
    if (!body) {
        return fail_no_memory(err);
    }
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (transaction->head.expects_continue) {
        mg_write(transaction->connection, go_on, sizeof go_on - 1);
    }
    receive_deadline_begin(transaction_deadline_ms(transaction, len));
    int got = mg_read(transaction->connection, body, len);
    receive_deadline_end();
    if (got < 0 || (size_t)got != len) {
        return short_body(transaction, got > 0 ? (size_t)got : 0, err);
    }
    transaction->has_unread_bytes = false;
    transaction->exchange.request.body = (struct text){body, len};
    return STATUS_OK;
}

enum status transaction_body_begin(struct transaction *transaction) {
    if (transaction->head.content_length <= 0) {
        return STATUS_OK;
    }
    size_t len = (size_t)transaction->head.content_length;
    enum status status = take_place(transaction, len);
    return status ? status : read_body(transaction, len);
}

void transaction_body_end(struct transaction *transaction) {
    if (transaction->large_body) {
        munmap(transaction->large_body, (size_t)transaction->head.content_length);
        transaction->exchange.request.body = (struct text){"", 0};
    }
    if (transaction->holds_large_place) {
        atomic_fetch_sub(&transaction->server->large_bodies, 1);
    }
    if (transaction->holds_body_place) {
        atomic_fetch_sub(&transaction->server->bodies, 1);
    }
}
