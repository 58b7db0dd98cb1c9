// SPDX-License-Identifier: MIT
// The steps of one exchange: split → validate → admit → read the body → answer → send. Any step may
// refuse; then the reply is a problem and, when bytes of the request are left unread or cannot be
// trusted, the connection is closed after a short drain.
#include "registryd/http/server_exchange.h"

#include "registryd/access/limits.h"
#include "registryd/access/rights.h"
#include "registryd/access/shares.h"
#include "registryd/http/response.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"

#include <civetweb.h>
#include <malloc.h>
#include <string.h>

enum {
    REQUEST_ARENA_BYTES = 256 * 1024 * 1024,
    SEND_BUFFER_BYTES = 64 * 1024, // larger bodies are written behind the head, not copied
    // A body a little over the limit is read to its end, so that the client sees why it was
    // refused: most send all before they look. The time is what bounds a hostile one.
    DRAIN_BYTES = 128 * 1024 * 1024,
    DRAIN_MS = 1000,
    NS_PER_MS = 1000000,
};

// Kept from one request of a thread to its next.
static _Thread_local struct arena *request_arena;
static _Thread_local struct buffer send_buffer;

// One arena a thread, emptied after each request: most requests then take nothing from the heap.
static struct arena *begin_arena(void) {
    if (!request_arena) {
        request_arena = arena_new(REQUEST_ARENA_BYTES);
    }
    return request_arena;
}

static void write_hex(char digits[HALF_ID_DIGITS], uint32_t number) {
    for (int i = HALF_ID_DIGITS - 1; i >= 0; i--) {
        digits[i] = "0123456789abcdef"[number % 16];
        number /= 16;
    }
}

// "PREFIX-NUMBER" in hexadecimal: the prefix is random for each start, the number counts requests.
static void make_request_id(struct server *server, char ret_id[REQUEST_ID_SIZE]) {
    unsigned number = atomic_fetch_add_explicit(&server->id_counter, 1, memory_order_relaxed);
    write_hex(ret_id, server->id_prefix);
    ret_id[HALF_ID_DIGITS] = '-';
    write_hex(ret_id + HALF_ID_DIGITS + 1, number);
    ret_id[REQUEST_ID_SIZE - 1] = '\0';
}

static int64_t clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * (1000 * (int64_t)NS_PER_MS) + now.tv_nsec;
}

static void begin_transaction(struct transaction *transaction, struct server *server,
                              struct arena *arena) {
    make_request_id(server, transaction->request_id);
    exchange_init(&transaction->exchange, arena, transaction->request_id);
    transaction->server = server;
    transaction->head.content_length = -1;
    transaction->began_ns = clock_ns();
    transaction->began_ms = transaction->began_ns / NS_PER_MS;
}

// ---- the request ----

static void split(const struct mg_request_info *info, struct header headers[MG_MAX_HEADERS],
                  struct raw_request *raw) {
    for (int i = 0; i < info->num_headers; i++) {
        headers[i] = (struct header){info->http_headers[i].name, info->http_headers[i].value};
    }
    *raw = (struct raw_request){.method = info->request_method,
                                .target = info->request_uri,
                                .query = info->query_string,
                                .version = info->http_version,
                                .headers = headers,
                                .header_count = (size_t)info->num_headers};
}

// Whether the request's bytes are what they seem. If not, nothing behind them can be trusted.
static enum status validate(struct transaction *transaction, const struct raw_request *raw) {
    struct error *err = &transaction->exchange.error;
    size_t head_len = 0;
    enum status status = validate_layout(receive_buffer(), raw, &head_len, err);
    receive_count(head_len);
    transaction->has_unread_bytes = true; // until the head says that there is no body
    transaction->must_close = true;
    if (status) {
        return status;
    }
    status = validate_headers(raw, &transaction->head, err);
    if (status) {
        return status;
    }
    transaction->has_unread_bytes = transaction->head.content_length > 0;
    transaction->must_close = !transaction->head.keep_alive;
    return STATUS_OK;
}

// ---- the reply ----

// What went wrong on our side, once, where the request is known. An absent database is logged with
// less noise: every request of that time meets it. What was answered without an error (not ready) is no
// fault. Refusals under load are summarised: their number is what the client chooses.
static void log_fault(const struct transaction *transaction, const char *method,
                      const char *target) {
    const struct error *error = &transaction->exchange.error;
    bool is_absence = error->status == STATUS_UNAVAILABLE;
    if (error->status == STATUS_TOO_MANY || error->status == STATUS_NO_MEMORY ||
        transaction->is_shed) {
        refusal_log_add(transaction->server->refusals, transaction->exchange.request.client,
                        error->status, error->message);
        return;
    }
    if (!is_absence && (status_info(error->status)->http_status < 500 ||
                        error->status == STATUS_NOT_IMPLEMENTED)) {
        return;
    }
    log_event(transaction->server->settings.log, is_absence ? LOG_LEVEL_WARNING : LOG_LEVEL_ERROR,
              "event=fault request_id=%s method=%s target=%s code=%s where=\"%s\" error=\"%s\"",
              transaction->request_id, method, target, status_info(error->status)->wire_name,
              error->where, error->message);
}

static void log_transaction(const struct transaction *transaction, int code) {
    const struct log_sink *log = transaction->server->settings.log;
    const struct exchange *exchange = &transaction->exchange;
    const struct mg_request_info *info = transaction->info;
    const char *method = transaction->is_unreadable ? "-" : info->request_method;
    const char *target = transaction->is_unreadable ? "-" : info->request_uri;
    log_fault(transaction, method, target);
    if (log && log->level >= LOG_LEVEL_DEBUG) {
        log_event(
            log, LOG_LEVEL_DEBUG,
            "event=request request_id=%s peer=%s client=%s method=%s target=%s status=%d bytes=%zu "
            "ms=%lld actor=%s",
            transaction->request_id, info->remote_addr, exchange->request.client, method, target,
            code, transaction->sent_bytes, (long long)(receive_clock_ms() - transaction->began_ms),
            exchange->request.actor ? exchange->request.actor : "-");
    }
}

static bool write_all(struct transaction *transaction, const char *bytes, size_t len) {
    int sent = len ? mg_write(transaction->connection, bytes, len) : 0;
    transaction->sent_bytes += sent > 0 ? (size_t)sent : 0;
    return sent >= 0 && (size_t)sent == len;
}

// One write for the whole reply where it is small: two would be two packets.
static bool write_response(struct transaction *transaction, struct text body) {
    bool in_one = send_buffer.len + body.len <= SEND_BUFFER_BYTES;
    if (in_one) {
        buffer_add(&send_buffer, body.ptr, body.len);
    }
    return !send_buffer.failed && write_all(transaction, send_buffer.ptr, send_buffer.len) &&
           (in_one || write_all(transaction, body.ptr, body.len));
}

// The deadline is for the client alone: the pieces come from elsewhere, in their own time.
static bool write_stream(struct transaction *transaction, const struct receive_pace *pace) {
    const struct reply_stream *stream = &transaction->exchange.reply.stream;
    size_t left = stream->len;
    bool done = true;
    while (left && done) {
        struct text piece;
        struct error *err = &transaction->exchange.error;
        enum status status = stream->read(stream->context, &piece, err);
        if (status) {
            err->status = status;
            return false;
        }
        size_t len = piece.len < left ? piece.len : left;
        receive_deadline_begin(pace);
        done = write_all(transaction, piece.ptr, len);
        receive_deadline_end();
        left -= len;
    }
    return done;
}

static void reset_send_buffer(void) {
    send_buffer.len = 0;
    send_buffer.failed = STATUS_OK;
    send_buffer.max_bytes = SEND_BUFFER_BYTES;
}

// Where the daemon stands; NULL when it does not know, or the reply says it all itself.
static const struct history_point *find_point(const struct transaction *transaction,
                                              struct history_point *room) {
    const struct api *api = transaction->server->router.api;
    const struct reply *reply = &transaction->exchange.reply;
    bool is_said = reply->serial >= 0 && reply->epoch;
    if (is_said || !api || !api->index) {
        return NULL;
    }
    index_point(api->index, room);
    return room;
}

static void count_transaction(const struct transaction *transaction, int code) {
    const struct server *server = transaction->server;
    const struct route *route = transaction->exchange.route;
    int number = route ? (int)(route - server->router.routes) : METRICS_NO_ROUTE;
    metrics_count(server->metrics, number, code, clock_ns() - transaction->began_ns);
}

// Answer first, then account for it. Bytes that are left unread are drained last: a client that still sends
// would otherwise get a reset in place of the answer.
static int send_reply(struct transaction *transaction) {
    struct exchange *exchange = &transaction->exchange;
    struct history_point point;
    const struct history_point *known = find_point(transaction, &point);
    transaction->must_close = transaction->must_close || transaction->has_unread_bytes ||
                              atomic_load(&transaction->server->is_leaving);
    struct response_facts facts = {
        .point = known, .now = time(NULL), .keep_alive = !transaction->must_close};
    struct text body;
    reset_send_buffer();
    int code = response_encode(exchange, &facts, &send_buffer, &body);
    bool is_streamed = exchange->reply.stream.len && code != 304 && !exchange->is_head;
    struct receive_pace pace =
        transaction_pace(transaction, is_streamed ? exchange->reply.stream.len : body.len);
    receive_deadline_begin(&pace);
    bool done = write_response(transaction, body);
    receive_deadline_end();
    done = done && (!is_streamed || write_stream(transaction, &pace));
    transaction->must_close = transaction->must_close || !done;
    if (exchange->reply.answer) {
        answer_unref(exchange->reply.answer);
    }
    if (transaction->must_close) {
        mg_disable_keep_alive(transaction->connection);
    }
    count_transaction(transaction, code);
    log_transaction(transaction, code);
    if (transaction->has_unread_bytes) {
        receive_drain(DRAIN_BYTES, DRAIN_MS);
    }
    return code;
}

// For when there is not even memory for an arena.
static int send_nothing(struct mg_connection *connection) {
    static const char text[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
                               "Retry-After: 1\r\nConnection: close\r\n\r\n";
    mg_disable_keep_alive(connection);
    mg_write(connection, text, sizeof text - 1);
    return status_info(STATUS_NO_MEMORY)->http_status;
}

// ---- the whole ----

// The address is made only where somebody asks for it.
static void find_client(struct transaction *transaction, const struct raw_request *raw) {
    const struct forwarded *proxies = transaction->server->settings.proxies;
    if (proxies && proxies->count) {
        forwarded_client(proxies, transaction->info->remote_addr, raw, transaction->client);
        transaction->exchange.request.client = transaction->client;
    } else {
        transaction->exchange.request.client = transaction->info->remote_addr;
    }
}

// By token where there is one: clients behind one address are distinguished as far as possible.
static void find_key(struct transaction *transaction) {
    const struct request *request = &transaction->exchange.request;
    const struct api *api = transaction->server->router.api;
    const struct limits *limits = api ? api->limits : NULL;
    transaction->key = request->rights ? limits_key_number(limits, request->rights->token_id)
                                       : limits_key_text(limits, request->client);
    transaction_set_key(transaction->key);
}

static enum status admit(struct transaction *transaction) {
    struct header headers[MG_MAX_HEADERS];
    struct raw_request raw;
    split(transaction->info, headers, &raw);
    enum status status = validate(transaction, &raw);
    if (status) {
        return status;
    }
    find_client(transaction, &raw);
    status = router_admit(&transaction->server->router, &raw, &transaction->head,
                          &transaction->exchange);
    find_key(transaction);
    return status;
}

// Asked by the arena before it takes much from the heap.
static bool may_grow(void *context, size_t bytes) {
    enum { WAIT_MS = 500 };
    struct transaction *transaction = context;
    if (transaction_take_memory(transaction, bytes, WAIT_MS, NULL)) {
        return false;
    }
    transaction->heap_bytes += bytes;
    return true;
}

// What a thread keeps for its next request is small: a thousand threads that once answered with a page would
// otherwise hold a hundred megabytes for good.
static void drop_large_rooms(void) {
    enum { KEPT_BYTES = 16 * 1024 };
    if (arena_size(request_arena) > KEPT_BYTES) {
        arena_free(request_arena);
        request_arena = NULL;
    }
    if (send_buffer.capacity > KEPT_BYTES) {
        buffer_done(&send_buffer);
    }
}

// Last of all: the memory is free again. What was much goes back to the system before others may have it of the
// budget. malloc would keep it in the arena of this thread, and each arena its own: in a control group of 256 MiB a
// hundred large documents, one after another, were the end of the daemon.
static void give_back(struct transaction *transaction, struct arena *arena) {
    enum { MUCH = 4 * 1024 * 1024 };
    arena_reset(arena);
    arena_ask(arena, NULL, NULL);
    drop_large_rooms();
    if (transaction->heap_bytes >= MUCH) {
        malloc_trim(0);
    }
    shares_give(transaction->server->memory, transaction->key, transaction->held_bytes);
}

static int serve(struct server *server, struct mg_connection *connection) {
    struct arena *arena = begin_arena();
    if (!arena) {
        return send_nothing(connection);
    }
    struct transaction transaction = {.connection = connection,
                                      .info = mg_get_request_info(connection)};
    begin_transaction(&transaction, server, arena);
    bool is_admitted = !admit(&transaction) && !transaction_body_begin(&transaction);
    arena_ask(arena, may_grow, &transaction);
    if (is_admitted) {
        router_answer(&server->router, &transaction.exchange);
    } else {
        router_refuse(&server->router, &transaction.exchange);
    }
    transaction_body_end(&transaction);
    int code = send_reply(&transaction);
    give_back(&transaction, arena);
    return code;
}

int server_exchange(struct server *server, struct mg_connection *connection) {
    receive_head_end();
    return serve(server, connection);
}

static enum status explain_unreadable(int code, struct error *err) {
    enum { HTTP_VERSION_NOT_SUPPORTED = 505, HTTP_LENGTH_REQUIRED = 411 };
    if (code == HTTP_VERSION_NOT_SUPPORTED) {
        return fail(err, STATUS_MALFORMED, NULL,
                    "Use HTTP/1.1 or HTTP/1.0: no other version is supported");
    }
    if (code == HTTP_LENGTH_REQUIRED) {
        return fail(err, STATUS_MALFORMED, "Content-Length",
                    "Content-Length must be a decimal number");
    }
    switch (receive_fault()) {
    case HEAD_FULL:
        return fail(err, STATUS_HEADERS_TOO_LARGE, NULL,
                    "The request line and headers are longer than %d bytes",
                    LIMIT_HEADER_BLOCK_BYTES);
    case HEAD_INCOMPLETE:
        return fail(err, STATUS_TIMEOUT, NULL,
                    "The request line and headers did not arrive in time");
    case HEAD_MALFORMED:
    case HEAD_COMPLETE:
        break;
    }
    return fail(err, STATUS_MALFORMED, NULL, "This is not an HTTP/1.1 request");
}

void server_exchange_unreadable(struct server *server, struct mg_connection *connection, int code) {
    receive_head_end();
    struct arena *arena = begin_arena();
    if (!arena) {
        send_nothing(connection);
        return;
    }
    struct transaction transaction = {
        .connection = connection, .info = mg_get_request_info(connection), .is_unreadable = true};
    begin_transaction(&transaction, server, arena);
    transaction.must_close = true;
    // A client that was too slow may not hold the worker for longer.
    transaction.has_unread_bytes =
        explain_unreadable(code, &transaction.exchange.error) != STATUS_TIMEOUT;
    router_refuse(&server->router, &transaction.exchange);
    send_reply(&transaction);
    arena_reset(arena);
}

void server_exchange_thread_done(void) {
    buffer_done(&send_buffer);
    arena_free(request_arena);
    request_arena = NULL;
}
