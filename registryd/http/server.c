// SPDX-License-Identifier: MIT
// civetweb's life: its options (each one that is open by default is closed here), its callbacks, its start
// and its end. Everything about a single request is in server_exchange.c.
//
// Three kinds of threads come through here. civetweb's master waits for connections, but takes them from the
// acceptor (see acceptor.h). Its workers serve one connection each, from a ticket until the connection is
// closed or handed back. And the trimmer's thread wakes every few seconds. They share `struct server`:
// settings and routes never change once serving has begun, the shares and the acceptor have locks of their
// own, and `is_leaving` is atomic.
#include "registryd/http/server.h"

#include "registryd/access/shares.h"
#include "registryd/http/listen.h"
#include "registryd/http/routes.h"
#include "registryd/http/server_exchange.h"
#include "registryd/http/trimmer.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <arpa/inet.h>
#include <civetweb.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

enum {
    DEFAULT_THREADS = 2048,
    DEFAULT_HEAD_TIMEOUT_MS = 10000,
    DEFAULT_IDLE_TIMEOUT_MS = 15000,
    DEFAULT_BODY_TIMEOUT_MS = 30000,
    DEFAULT_BODY_BYTES_PER_SECOND = 64 * 1024,
    DEFAULT_BODIES_AT_ONCE = 32,
    DEFAULT_PLACELESS_BODY_BYTES = LIMIT_SMALL_BODY_BYTES,
    WAITERS_DIVISOR = 4,   // of the threads, for long polls
    STOP_WATCH_MS = 15000, // for threads to end once nothing is under way
    CROSSING_MS = 250,     // for requests that a client sent before it saw that we leave
};

// ---- callbacks ----

static struct server *server_of(const struct mg_connection *connection) {
    return mg_get_user_data(mg_get_context(connection));
}

// What the acceptor knows of this thread's connection.
static _Thread_local struct acceptor_ticket ticket;

// A worker has got a connection and asks the acceptor what it knows of it. Until a token is known, the
// address is the key under which its slowness is counted.
static bool begin_socket(void *context, int socket) {
    struct server *server = context;
    acceptor_begin(server->acceptor, socket, &ticket);
    transaction_set_key(ntohl(ticket.peer.sin_addr.s_addr) + UINT64_C(1));
    return ticket.is_expired;
}

static bool is_crowded(void *context) {
    const struct server *server = context;
    return acceptor_is_crowded(server->acceptor);
}

static bool wait_for_connection(void *context, int listening, int timeout_ms) {
    struct server *server = context;
    return acceptor_wait(server->acceptor, listening, timeout_ms);
}

// civetweb gives room for any kind of address; only IPv4 is listened on, so that is what is written.
static int take_connection(void *context, struct sockaddr *ret_peer, socklen_t *size) {
    struct server *server = context;
    struct sockaddr_in peer = {.sin_family = AF_INET};
    int socket = acceptor_take(server->acceptor, &peer);
    memcpy(ret_peer, &peer, *size < sizeof peer ? *size : sizeof peer);
    *size = sizeof peer;
    return socket;
}

// civetweb tells its kinds of threads apart by number. Whatever else it may start gets the plain system calls.
static void *on_thread_start(const struct mg_context *context, int type) {
    enum { MASTER_THREAD, WORKER_THREAD };
    const struct server *server = mg_get_user_data(context);
    if (type == MASTER_THREAD) {
        receive_accept_begin(&server->source);
    } else if (type == WORKER_THREAD) {
        receive_head_begin(&server->watch);
    }
    return NULL;
}

static void on_thread_end(const struct mg_context *context, int type, void *data) {
    (void)context;
    (void)type;
    (void)data;
    server_exchange_thread_done();
}

static int on_connection_start(const struct mg_connection *connection, void **ret_data) {
    (void)ret_data;
    ticket = (struct acceptor_ticket){.client = -1};
    receive_connection_begin();
    receive_head_begin(&server_of(connection)->watch);
    return 0;
}

// After civetweb has closed its descriptor: only now may another worker get the connection.
static void on_connection_closed(const struct mg_connection *connection) {
    acceptor_end(server_of(connection)->acceptor, &ticket, receive_connection_end());
}

static int on_request(struct mg_connection *connection) {
    return server_exchange(server_of(connection), connection);
}

// The answer is out: what the worker reads next is the head of another request.
static void on_request_end(const struct mg_connection *connection, int status) {
    (void)status;
    receive_head_begin(&server_of(connection)->watch);
}

// civetweb would send a page of its own; an API answers with a problem document, so that is made here.
static int on_error(struct mg_connection *connection, int status, const char *message) {
    (void)message;
    server_exchange_unreadable(server_of(connection), connection, status);
    return 0;
}

// Without a connection the message cannot be told to any server of this process: it is dropped.
static int on_message(const struct mg_connection *connection, const char *message) {
    struct server *server = connection ? server_of(connection) : NULL;
    if (server) {
        log_event(server->settings.log, LOG_LEVEL_WARNING, "event=server message=\"%s\"", message);
    }
    return 1;
}

static const struct mg_callbacks callbacks = {
    .init_thread = on_thread_start,
    .exit_thread = on_thread_end,
    .init_connection = on_connection_start,
    .connection_closed = on_connection_closed,
    .begin_request = on_request,
    .end_request = on_request_end,
    .http_error = on_error,
    .log_message = on_message,
};

// ---- start ----

static int or_default(int value, int otherwise) {
    return value > 0 ? value : otherwise;
}

static void apply_defaults(struct server_settings *settings) {
    settings->threads = or_default(settings->threads, DEFAULT_THREADS);
    settings->head_timeout_ms = or_default(settings->head_timeout_ms, DEFAULT_HEAD_TIMEOUT_MS);
    settings->idle_timeout_ms = or_default(settings->idle_timeout_ms, DEFAULT_IDLE_TIMEOUT_MS);
    settings->body_timeout_ms = or_default(settings->body_timeout_ms, DEFAULT_BODY_TIMEOUT_MS);
    settings->body_bytes_per_second =
        or_default(settings->body_bytes_per_second, DEFAULT_BODY_BYTES_PER_SECOND);
    settings->bodies_at_once = or_default(settings->bodies_at_once, DEFAULT_BODIES_AT_ONCE);
    settings->placeless_body_bytes =
        or_default(settings->placeless_body_bytes, DEFAULT_PLACELESS_BODY_BYTES);
    if (!settings->routes) {
        settings->routes = routes_table(&settings->route_count);
    }
}

enum { NUMBER_SIZE = 16 };

static const char *number(char text[NUMBER_SIZE], int value) {
    snprintf(text, NUMBER_SIZE, "%d", value);
    return text;
}

// What is open or generous by default is said here, even where the value looks like nothing.
static struct mg_context *start_civetweb(struct server *server, const char *port) {
    const struct server_settings *settings = &server->settings;
    char threads[NUMBER_SIZE];
    char head_timeout[NUMBER_SIZE];
    char idle_timeout[NUMBER_SIZE];
    char head_bytes[NUMBER_SIZE];
    const struct {
        const char *name;
        const char *value;
    } options[] = {
        {"listening_ports", port},
        {"num_threads", number(threads, settings->threads)},
        {"request_timeout_ms", number(head_timeout, settings->head_timeout_ms)},
        {"keep_alive_timeout_ms", number(idle_timeout, settings->idle_timeout_ms)},
        {"max_request_size", number(head_bytes, LIMIT_HEADER_BLOCK_BYTES)},
        {"connection_queue", "256"},
        {"listen_backlog", "1024"},
        {"enable_keep_alive", "yes"},
        {"tcp_nodelay", "1"},
        {"decode_url", "no"},
        {"decode_query_string", "no"},
        {"enable_directory_listing", "no"},
        {"cgi_pattern", ""},
        {"ssi_pattern", ""},
        {"index_files", ""},
        {"access_control_allow_origin", ""},
        {"access_control_allow_methods", ""},
        {"access_control_allow_headers", ""},
    };
    enum { OPTION_COUNT = COUNT_OF(options) };
    const char *flat[2 * OPTION_COUNT + 1] = {NULL};
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        flat[2 * i] = options[i].name;
        flat[2 * i + 1] = options[i].value;
    }
    return mg_start(&callbacks, server, flat);
}

// The address is probed before civetweb binds it. Another program may take the port in between; then civetweb
// fails, and the message is less clear but still true.
static enum status start_serving(struct server *server, struct error *err) {
    struct sockaddr_in address;
    enum status status = listen_probe(server->settings.listen, &address, err);
    if (status) {
        return status;
    }
    char host[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &address.sin_addr, host, sizeof host);
    snprintf(server->address, sizeof server->address, "%s:%d", host, ntohs(address.sin_port));
    server->civetweb = start_civetweb(server, server->address);
    if (!server->civetweb) {
        return fail(err, STATUS_IO, "listen", "Cannot serve on %s with %d threads: %s",
                    server->address, server->settings.threads, strerror(errno));
    }
    struct mg_server_port port;
    if (mg_get_server_ports(server->civetweb, 1, &port) == 1) {
        snprintf(server->address, sizeof server->address, "%s:%d", host, port.port);
    }
    return STATUS_OK;
}

// One row of counters for each route, found later by the route's place in the table: counting takes no look-up.
static bool make_metrics(struct server *server) {
    size_t count = server->router.route_count;
    server->metrics_routes = calloc(count + 1, sizeof *server->metrics_routes);
    for (size_t i = 0; server->metrics_routes && i < count; i++) {
        const struct route *route = &server->router.routes[i];
        server->metrics_routes[i] = (struct metrics_route){route->method, route->pattern};
    }
    server->metrics = server->metrics_routes ? metrics_new(server->metrics_routes, count) : NULL;
    if (server->settings.api) {
        server->settings.api->metrics = server->metrics;
    }
    return server->metrics;
}

// In the order of who uses whom: the trimmer writes to the refusal log, and handlers that still hold `api` may
// not find metrics or shares that are gone.
static void free_server(struct server *server) {
    struct api *api = server->settings.api;
    if (api) {
        api->metrics = NULL;
        api->waiters = NULL;
    }
    trimmer_stop(server->trimmer);
    acceptor_free(server->acceptor);
    metrics_free(server->metrics);
    shares_free(server->bodies);
    shares_free(server->memory);
    shares_free(server->waiters);
    shares_free(server->slow);
    refusal_log_free(server->refusals);
    free(server->metrics_routes);
    cleanup_fd(&server->watch.wake_fd);
    mg_exit_library();
    free(server);
}

static bool make_shares(struct server *server) {
    size_t threads = (size_t)server->settings.threads;
    server->refusals = refusal_log_new(server->settings.log);
    server->bodies = shares_new(threads);
    server->memory = shares_new(threads);
    server->waiters = shares_new(threads);
    server->slow = shares_new(threads);
    if (server->settings.api) {
        server->settings.api->waiters = server->waiters;
        server->settings.api->waiters_max = (threads + WAITERS_DIVISOR - 1) / WAITERS_DIVISOR;
    }
    return server->refusals && server->bodies && server->memory && server->waiters && server->slow;
}

// What the shim calls.
static void set_hooks(struct server *server) {
    server->source = (struct receive_source){wait_for_connection, take_connection, server};
    server->watch = (struct receive_watch){.buffer_bytes = LIMIT_HEADER_BLOCK_BYTES,
                                           .wake_fd = eventfd(0, EFD_CLOEXEC),
                                           .begin = begin_socket,
                                           .is_crowded = is_crowded,
                                           .begin_slow = transaction_begin_slow,
                                           .end_slow = transaction_end_slow,
                                           .context = server};
}

static enum status make_acceptor(struct server *server, struct error *err) {
    const struct server_settings *settings = &server->settings;
    const struct acceptor_settings acceptor = {
        .threads = settings->threads,
        .per_address = settings->connections_per_address,
        .head_ms = settings->head_timeout_ms,
        .idle_ms = settings->idle_timeout_ms,
        .body_ms = settings->body_timeout_ms < settings->head_timeout_ms
                       ? settings->body_timeout_ms
                       : settings->head_timeout_ms,
        .proxies = settings->proxies,
        .log = settings->log,
        .refusals = server->refusals,
    };
    set_hooks(server);
    if (server->watch.wake_fd < 0 ||
        getrandom(&server->id_prefix, sizeof server->id_prefix, 0) < 0) {
        return fail(err, STATUS_IO, NULL, "Cannot start serving: %s", strerror(errno));
    }
    return acceptor_new(&acceptor, server->watch.wake_fd, &server->acceptor, err);
}

static enum status make_parts(struct server *server, struct error *err) {
    if (!make_shares(server) || !make_metrics(server)) {
        return fail_no_memory(err);
    }
    enum status status = make_acceptor(server, err);
    if (status) {
        return status;
    }
    status = trimmer_start(server->refusals, &server->trimmer, err);
    return status ? status : start_serving(server, err);
}

enum status server_start(const struct server_settings *settings, struct server **ret_server,
                         struct error *err) {
    struct server *server = calloc(1, sizeof *server);
    if (!server) {
        return fail_no_memory(err);
    }
    server->settings = *settings;
    server->watch.wake_fd = -1;
    apply_defaults(&server->settings);
    server->router = (struct router){.api = settings->api,
                                     .routes = server->settings.routes,
                                     .route_count = server->settings.route_count,
                                     .refuse = settings->routes ? NULL : routes_refusal()};
    mg_init_library(MG_FEATURES_DEFAULT);
    enum status status = make_parts(server, err);
    if (status) {
        free_server(server);
        return status;
    }
    *ret_server = server;
    return STATUS_OK;
}

const char *server_address(const struct server *server) {
    return server->address;
}

// ---- stop ----

static void pause_ms(int ms) {
    const struct timespec pause = {.tv_sec = 0, .tv_nsec = ms * 1000000L};
    nanosleep(&pause, NULL);
}

struct stop_watch {
    int ended_fd; // readable once civetweb has ended
    const struct log_sink *log;
};

// civetweb has been seen to hang in its stop. The answers are out by then, and whatever must last is
// in the database.
static void *watch_stop(void *context) {
    const struct stop_watch *watch = context;
    struct pollfd ended = {.fd = watch->ended_fd, .events = POLLIN};
    if (poll(&ended, 1, STOP_WATCH_MS) == 0) {
        log_event(watch->log, LOG_LEVEL_ERROR, "event=stop-hangs after_ms=%d", STOP_WATCH_MS);
        _exit(status_info(STATUS_INTERNAL)->exit_code);
    }
    return NULL;
}

static void stop_civetweb(struct server *server) {
    scoped(cleanup_fd) int ended_fd = eventfd(0, EFD_CLOEXEC);
    struct stop_watch watch = {.ended_fd = ended_fd, .log = server->settings.log};
    pthread_t watcher;
    bool watched = ended_fd >= 0 && pthread_create(&watcher, NULL, watch_stop, &watch) == 0;
    eventfd_write(server->watch.wake_fd, 1);
    mg_stop(server->civetweb);
    if (watched) {
        eventfd_write(ended_fd, 1);
        pthread_join(watcher, NULL);
    }
}

void server_leave(struct server *server) {
    atomic_store(&server->is_leaving, true);
    if (server->settings.api) {
        atomic_store(&server->settings.api->leaving, true);
    }
}

// Each open connection brings at most one more request, because its answer closes it. So this ends, however many
// clients there are.
static bool has_work(const struct server *server, int64_t began_ms) {
    struct acceptor_load load = acceptor_load(server->acceptor);
    return load.busy || (load.open && receive_clock_ms() < began_ms + CROSSING_MS);
}

// What is left after `drain_ms` is cut by civetweb's stop.
void server_stop(struct server *server, int drain_ms) {
    if (!server) {
        return;
    }
    server_leave(server);
    if (server->settings.api) {
        atomic_store(&server->settings.api->draining, true); // long polls end
    }
    acceptor_close_port(server->acceptor);
    int64_t began_ms = receive_clock_ms();
    while (receive_clock_ms() < began_ms + drain_ms && has_work(server, began_ms)) {
        pause_ms(5);
    }
    stop_civetweb(server);
    free_server(server);
}
