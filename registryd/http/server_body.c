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

int64_t visit_deadline_ms(const struct visit *visit, size_t len) {
    const struct server_settings *settings = &visit->server->settings;
    return receive_clock_ms() + settings->body_timeout_ms +
           (int64_t)len * 1000 / settings->body_bytes_per_second;
}

static enum status too_many(int max, const char *what, struct error *err) {
    return fail(err, STATUS_TOO_MANY, NULL,
                "%d requests with a %s are under way; try again in a moment", max, what);
}

static enum status take_place(struct visit *visit, size_t len) {
    struct server *server = visit->server;
    struct error *err = &visit->exchange.error;
    int max = server->settings.bodies_at_once;
    visit->holds_body_place = true;
    if (atomic_fetch_add(&server->bodies, 1) >= max) {
        return too_many(max, "body", err);
    }
    if (len <= SMALL_BODY_BYTES) {
        return STATUS_OK;
    }
    visit->holds_large_place = true;
    return atomic_fetch_add(&server->large_bodies, 1) < LARGE_BODIES_AT_ONCE
               ? STATUS_OK
               : too_many(LARGE_BODIES_AT_ONCE, "large body", err);
}

// Room for `len` bytes; NULL when there is none.
static char *make_room(struct visit *visit, size_t len) {
    if (len <= SMALL_BODY_BYTES) {
        return arena_alloc(visit->exchange.request.arena, len + 1);
    }
    void *room = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    visit->large_body = room == MAP_FAILED ? NULL : room;
    return visit->large_body;
}

static enum status short_body(const struct visit *visit, size_t got, struct error *err) {
    long long wanted = visit->head.content_length;
    if (receive_is_closed()) {
        return fail(err, STATUS_MALFORMED, NULL, "The body ended after %zu of %lld bytes", got,
                    wanted);
    }
    return fail(err, STATUS_TIMEOUT, NULL, "Only %zu of %lld bytes of the body came in time", got,
                wanted);
}

static enum status read_body(struct visit *visit, size_t len) {
    struct error *err = &visit->exchange.error;
    char *body = make_room(visit, len);
    if (!body) {
        return fail_no_memory(err);
    }
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (visit->head.expects_continue) {
        mg_write(visit->connection, go_on, sizeof go_on - 1);
    }
    receive_deadline_begin(visit_deadline_ms(visit, len));
    int got = mg_read(visit->connection, body, len);
    receive_deadline_end();
    if (got < 0 || (size_t)got != len) {
        return short_body(visit, got > 0 ? (size_t)got : 0, err);
    }
    visit->has_unread_bytes = false;
    visit->exchange.request.body = (struct text){body, len};
    return STATUS_OK;
}

enum status visit_body_begin(struct visit *visit) {
    if (visit->head.content_length <= 0) {
        return STATUS_OK;
    }
    size_t len = (size_t)visit->head.content_length;
    enum status status = take_place(visit, len);
    return status ? status : read_body(visit, len);
}

void visit_body_end(struct visit *visit) {
    if (visit->large_body) {
        munmap(visit->large_body, (size_t)visit->head.content_length);
        visit->exchange.request.body = (struct text){"", 0};
    }
    if (visit->holds_large_place) {
        atomic_fetch_sub(&visit->server->large_bodies, 1);
    }
    if (visit->holds_body_place) {
        atomic_fetch_sub(&visit->server->bodies, 1);
    }
}
