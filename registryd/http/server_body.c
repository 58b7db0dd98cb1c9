// SPDX-License-Identifier: MIT
// A request's body, from its place among those under way to its last byte, and what it may cost.
//
// Small bodies need no place: a client that holds places cannot keep out a publish or a revocation. Larger
// ones are counted by token, and by address where there is no token, so that a client can only use up
// its own share. Half of the places are for requests with a token, an eighth is for administrators.
// Memory is counted likewise: a body before it is read, the values of a JSON body before they are
// parsed, and the request's arena as it grows.
#include "registryd/http/server_exchange.h"

#include "registryd/access/limits.h"
#include "registryd/access/rights.h"
#include "registryd/access/shares.h"
#include "schema/base/limits.h"

#include <civetweb.h>
#include <string.h>
#include <sys/mman.h>

enum {
    MAPPED_BODY_BYTES = LIMIT_SMALL_BODY_BYTES, // larger ones do not go through the heap
    WINDOW_MS = 10000,
    WINDOW_RATE_DIVISOR = 16,
    MEMORY_WAIT_MS = 5000,
};

struct receive_pace transaction_pace(const struct transaction *transaction, size_t len) {
    const struct server_settings *settings = &transaction->server->settings;
    int window_ms = settings->body_timeout_ms < WINDOW_MS ? settings->body_timeout_ms : WINDOW_MS;
    int64_t rate = settings->body_bytes_per_second / WINDOW_RATE_DIVISOR;
    return (struct receive_pace){
        .deadline_ms = receive_clock_ms() + settings->body_timeout_ms +
                       (int64_t)len * 1000 / settings->body_bytes_per_second,
        .window_ms = window_ms,
        .window_bytes = rate * window_ms / 1000,
    };
}

// Known only where the route asked for a token: without one there is no administrator.
static bool is_admin(const struct transaction *transaction) {
    const struct rights *rights = transaction->exchange.request.rights;
    return rights && rights->is_admin;
}

// ---- slow clients ----

// Of the thread, because civetweb_shim.c calls back without a transaction.
static _Thread_local uint64_t slow_key;

void transaction_set_key(uint64_t key) {
    slow_key = key;
}

bool transaction_begin_slow(void *context) {
    struct server *server = context;
    size_t threads = (size_t)server->settings.threads;
    const struct share_request place = {
        .key = slow_key, .amount = 1, .key_max = (threads + 15) / 16, .all_max = (threads + 3) / 4};
    return shares_take(server->slow, &place) == SHARE_TAKEN;
}

void transaction_end_slow(void *context) {
    struct server *server = context;
    shares_give(server->slow, slow_key, 1);
}

// ---- places ----

// Both are "unavailable" (503) and not "too many": waiting helps in either case.
static enum status explain_place(enum share_outcome outcome, size_t key_max, struct error *err) {
    switch (outcome) {
    case SHARE_TAKEN:
        return STATUS_OK;
    case SHARE_KEY_FULL:
        return fail(err, STATUS_UNAVAILABLE, NULL,
                    "%zu uploads of this client are in progress. Wait until one has finished.",
                    key_max);
    case SHARE_ALL_FULL:
        break;
    }
    return fail(err, STATUS_UNAVAILABLE, NULL,
                "Too many uploads are in progress. Try again in a moment.");
}

static enum status take_place(struct transaction *transaction, size_t len) {
    const struct server_settings *settings = &transaction->server->settings;
    const struct request *request = &transaction->exchange.request;
    if (len <= (size_t)settings->placeless_body_bytes) {
        return STATUS_OK;
    }
    int all = settings->bodies_at_once;
    // Example of 32 places: without a token 16, with one 28, for an administrator all.
    int room = is_admin(transaction) ? all : request->rights ? all - all / 8 : (all + 1) / 2;
    const struct share_request place = {.key = transaction->key,
                                        .amount = 1,
                                        .key_max = (size_t)(all + 3) / 4,
                                        .all_max = (size_t)room};
    enum share_outcome outcome = shares_take(transaction->server->bodies, &place);
    transaction->holds_body_place = outcome == SHARE_TAKEN;
    transaction->is_shed = outcome != SHARE_TAKEN;
    return explain_place(outcome, place.key_max, &transaction->exchange.error);
}

// ---- memory ----

enum status transaction_take_memory(struct transaction *transaction, size_t bytes, int wait_ms,
                                    struct error *err) {
    size_t budget = transaction->server->settings.memory_bytes;
    if (!budget) {
        return STATUS_OK;
    }
    const struct share_request memory = {.key = transaction->key,
                                         .amount = bytes,
                                         .key_max = is_admin(transaction) ? budget : budget / 4 * 3,
                                         .all_max = budget,
                                         .wait_ms = wait_ms};
    switch (shares_take(transaction->server->memory, &memory)) {
    case SHARE_TAKEN:
        transaction->held_bytes += bytes;
        return STATUS_OK;
    case SHARE_KEY_FULL:
    case SHARE_ALL_FULL:
        break;
    }
    return fail(err, STATUS_NO_MEMORY, NULL,
                "The memory for requests is in use. Try again in a moment.");
}

// ---- reading ----

// Room for `len` bytes and a NUL; NULL when there is none.
// A mapping goes back to the system at once. A large block of the heap might stay with the process.
static char *make_room(struct transaction *transaction, size_t len) {
    if (len <= MAPPED_BODY_BYTES) {
        return arena_alloc(transaction->exchange.request.arena, len + 1);
    }
    void *room = mmap(NULL, len + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    transaction->large_body = room == MAP_FAILED ? NULL : room;
    return transaction->large_body;
}

// Why fewer bytes came than the head said, in the words of the one who sent them.
static enum status short_body(const struct transaction *transaction, size_t got,
                              struct error *err) {
    long long wanted = transaction->head.content_length;
    if (receive_is_closed()) {
        return fail(err, STATUS_MALFORMED, NULL, "The body ended after %zu of %lld bytes", got,
                    wanted);
    }
    if (receive_is_refused()) {
        return fail(
            err, STATUS_TOO_MANY, NULL,
            "Too many slow requests of this client are in progress. Try again in a moment.");
    }
    return fail(err, STATUS_TIMEOUT, NULL, "Only %zu of %lld bytes of the body arrived in time",
                got, wanted);
}

// Only now, when place and memory are taken: a client that asked first sends no body in vain.
static void send_continue(struct transaction *transaction) {
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (transaction->head.expects_continue) {
        mg_write(transaction->connection, go_on, sizeof go_on - 1);
        transaction->head.expects_continue = false;
    }
}

static enum status read_body(struct transaction *transaction, size_t len) {
    struct error *err = &transaction->exchange.error;
    char *body = make_room(transaction, len);
    if (!body) {
        return fail_no_memory(err);
    }
    send_continue(transaction);
    struct receive_pace pace = transaction_pace(transaction, len);
    receive_deadline_begin(&pace);
    int got = mg_read(transaction->connection, body, len);
    receive_deadline_end();
    if (got < 0 || (size_t)got != len) {
        return short_body(transaction, got > 0 ? (size_t)got : 0, err);
    }
    receive_count(len);
    transaction->has_unread_bytes = false;
    transaction->exchange.request.body = (struct text){body, len};
    return STATUS_OK;
}

// ---- a body that its handler reads ----

// The deadline of the whole counts while bytes are read, the least rate within each piece: what the handler does
// between two pieces is not the client's slowness.
static enum status read_piece(void *context, char *room, size_t size, size_t *ret_len,
                              struct error *err) {
    struct transaction *transaction = context;
    size_t left = (size_t)transaction->source.size - transaction->source_bytes;
    size_t len = left < size ? left : size;
    *ret_len = len;
    if (!len) {
        return STATUS_OK;
    }
    send_continue(transaction);
    receive_deadline_begin(&transaction->source_pace);
    int got = mg_read(transaction->connection, room, len);
    receive_deadline_end();
    if (got < 0 || (size_t)got != len) {
        return short_body(transaction, transaction->source_bytes + (got > 0 ? (size_t)got : 0),
                          err);
    }
    receive_count(len);
    transaction->source_bytes += len;
    transaction->has_unread_bytes = transaction->source_bytes < (size_t)transaction->source.size;
    return STATUS_OK;
}

// It needs a place like any large body, but hardly any memory, however large it is.
static enum status begin_source(struct transaction *transaction) {
    enum { WORKING_BYTES = 512 * 1024 };
    struct error *err = &transaction->exchange.error;
    int64_t size = transaction->head.content_length > 0 ? transaction->head.content_length : 0;
    transaction->source = (struct byte_source){transaction, size, read_piece};
    transaction->source_pace = transaction_pace(transaction, (size_t)size);
    transaction->exchange.request.body_source = &transaction->source;
    enum status status = take_place(transaction, (size_t)size);
    return status ? status
                  : transaction_take_memory(transaction, WORKING_BYTES, MEMORY_WAIT_MS, err);
}

enum status transaction_body_begin(struct transaction *transaction) {
    if (transaction->exchange.is_file) {
        return begin_source(transaction);
    }
    if (transaction->head.content_length <= 0) {
        return STATUS_OK;
    }
    size_t len = (size_t)transaction->head.content_length;
    struct error *err = &transaction->exchange.error;
    enum status status = take_place(transaction, len);
    if (status) {
        return status;
    }
    if (len > MAPPED_BODY_BYTES) {
        status = transaction_take_memory(transaction, len, MEMORY_WAIT_MS, err);
        if (status) {
            return status;
        }
    }
    status = read_body(transaction, len);
    if (status || len <= MAPPED_BODY_BYTES) {
        return status;
    }
    size_t parsed = request_parsed_bytes(&transaction->exchange.request);
    transaction->heap_bytes = parsed;
    return transaction_take_memory(transaction, parsed, MEMORY_WAIT_MS, err);
}

void transaction_body_end(struct transaction *transaction) {
    if (transaction->large_body) {
        munmap(transaction->large_body, (size_t)transaction->head.content_length + 1);
        transaction->exchange.request.body = (struct text){"", 0};
    }
    if (transaction->holds_body_place) {
        shares_give(transaction->server->bodies, transaction->key, 1);
    }
}
