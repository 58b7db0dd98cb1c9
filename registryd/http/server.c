// SPDX-License-Identifier: MIT
// civetweb's life: its options (each one that is open by default is closed here), its callbacks,
// its start and its end. Everything about a single request is in server_exchange.c.
#include "registryd/http/server.h"

#include "registryd/http/listen.h"
#include "registryd/http/civetweb_shim.h"
#include "registryd/http/routes.h"
#include "registryd/http/server_exchange.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <arpa/inet.h>
#include <civetweb.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>

enum {
    DEFAULT_THREADS = 2048,
    DEFAULT_HEAD_TIMEOUT_MS = 10000,
    DEFAULT_IDLE_TIMEOUT_MS = 15000,
    DEFAULT_BODY_TIMEOUT_MS = 30000,
    DEFAULT_BODY_BYTES_PER_SECOND = 64 * 1024,
    DEFAULT_BODIES_AT_ONCE = 32,
    STOP_WATCH_MS = 15000, // for threads to end once nothing is under way
};

// ---- callbacks ----

static struct server *server_of(const struct mg_connection *connection) {
    return mg_get_user_data(mg_get_context(connection));
}

// The address this thread's connection is counted under; empty when it is not counted.
static _Thread_local char counted[INET_ADDRSTRLEN];

static bool admit_socket(void *context, int socket) {
    struct server *server = context;
    struct sockaddr_in peer = {.sin_family = AF_INET};
    socklen_t size = sizeof peer;
    char address[INET_ADDRSTRLEN] = "";
    if (getpeername(socket, (struct sockaddr *)&peer, &size)) {
        return true; // the listening socket, or a client that is gone already
    }
    inet_ntop(AF_INET, &peer.sin_addr, address, sizeof address);
    if (!connections_begin(&server->connections, address)) {
        log_event(server->settings.log, LOG_LEVEL_INFO, "event=connection-refused peer=%s",
                  address);
        return false;
    }
    memcpy(counted, address, sizeof counted);
    return true;
}

static void *on_thread_start(const struct mg_context *context, int type) {
    (void)type; // workers, and the one that accepts
    const struct server *server = mg_get_user_data(context);
    receive_head_begin(&server->watch);
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
    receive_connection_begin();
    receive_head_begin(&server_of(connection)->watch);
    return 0;
}

static void on_connection_end(const struct mg_connection *connection) {
    if (counted[0]) {
        connections_end(&server_of(connection)->connections, counted);
        counted[0] = '\0';
    }
}

static int on_request(struct mg_connection *connection) {
    return server_exchange(server_of(connection), connection);
}

static void on_request_end(const struct mg_connection *connection, int status) {
    (void)status;
    receive_head_begin(&server_of(connection)->watch);
}

static int on_error(struct mg_connection *connection, int status, const char *message) {
    (void)message;
    server_exchange_unreadable(server_of(connection), connection, status);
    return 0;
}

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
    .connection_close = on_connection_end,
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

static void free_server(struct server *server) {
    if (server->settings.api) {
        server->settings.api->metrics = NULL;
    }
    metrics_free(server->metrics);
    free(server->metrics_routes);
    connections_done(&server->connections);
    cleanup_fd(&server->watch.wake_fd);
    mg_exit_library();
    free(server);
}

enum status server_start(const struct server_settings *settings, struct server **ret_server,
                         struct error *err) {
    struct server *server = calloc(1, sizeof *server);
    if (!server) {
        return fail_no_memory(err);
    }
    server->settings = *settings;
    apply_defaults(&server->settings);
    server->router = (struct router){.api = settings->api,
                                     .routes = server->settings.routes,
                                     .route_count = server->settings.route_count};
    if (connections_init(&server->connections, server->settings.threads,
                         settings->connections_per_address)) {
        free(server);
        return fail_no_memory(err);
    }
    mg_init_library(MG_FEATURES_DEFAULT);
    enum status status = make_metrics(server) ? STATUS_OK : fail_no_memory(err);
    server->watch = (struct receive_watch){.buffer_bytes = LIMIT_HEADER_BLOCK_BYTES,
                                           .wake_fd = eventfd(0, EFD_CLOEXEC),
                                           .admit = admit_socket,
                                           .context = server};
    if (status) {
        free_server(server);
        return status;
    }
    if (server->watch.wake_fd < 0 ||
        getrandom(&server->id_prefix, sizeof server->id_prefix, 0) < 0) {
        status = fail(err, STATUS_IO, NULL, "Cannot start serving: %s", strerror(errno));
    }
    if (status || (status = start_serving(server, err))) {
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

void server_stop(struct server *server, int drain_ms) {
    if (!server) {
        return;
    }
    atomic_store(&server->draining, true);
    if (server->settings.api) {
        atomic_store(&server->settings.api->draining, true);
    }
    int64_t deadline_ms = receive_clock_ms() + drain_ms;
    while (atomic_load(&server->under_way) > 0 && receive_clock_ms() < deadline_ms) {
        pause_ms(5);
    }
    stop_civetweb(server);
    free_server(server);
}
