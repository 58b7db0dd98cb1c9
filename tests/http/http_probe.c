// SPDX-License-Identifier: MIT
// The HTTP server with a table of routes that say what they were given: what tests/http asks. Prints
// its address, serves until SIGTERM, then stops as the daemon does.
//
//     http_probe [SETTING=NUMBER]...     threads, head_timeout_ms, idle_timeout_ms, ...
#include "registryd/http/server.h"
#include "schema/base/list.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BODY_LIMIT = 1000, FIXED_BYTES = 1024 };

static atomic_int handled; // how many requests reached a handler
static atomic_bool is_gate_open;

static enum status echo(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    (void)api;
    (void)findings;
    atomic_fetch_add(&handled, 1);
    json_t *parameters = json_array();
    for (size_t i = 0; i < request->path_parameter_count; i++) {
        json_array_append_new(parameters, json_pack("[s,s]", request->path_parameters[i].name,
                                                    request->path_parameters[i].value));
    }
    json_t *query = json_array();
    for (size_t i = 0; i < request->query_count; i++) {
        json_array_append_new(query,
                              json_pack("[s,s]", request->query[i].name, request->query[i].value));
    }
    json_t *told = json_pack("{s:s,s:s,s:o,s:o,s:s%}", "method", request->method, "path",
                             request->path, "parameters", parameters, "query", query, "body",
                             request->body.ptr ? request->body.ptr : "", request->body.len);
    return reply_json(request, reply, told, err);
}

static enum status count(struct api *api, const struct request *request, struct reply *reply,
                         struct findings *findings, struct error *err) {
    (void)api;
    (void)findings;
    return reply_json(request, reply, json_pack("{s:i}", "handled", atomic_load(&handled)), err);
}

// The same bytes every time, with a tag: what a cached answer is.
static enum status fixed(struct api *api, const struct request *request, struct reply *reply,
                         struct findings *findings, struct error *err) {
    (void)api;
    (void)request;
    (void)findings;
    (void)err;
    static char body[FIXED_BYTES + 1];
    if (!body[0]) {
        memset(body, 'x', FIXED_BYTES);
    }
    reply->body = (struct text){body, FIXED_BYTES};
    reply->etag = "\"fixed\"";
    return STATUS_OK;
}

static int number_of(const struct request *request, const char *name) {
    const char *value = request_query(request, name);
    return value ? atoi(value) : 0;
}

static enum status big(struct api *api, const struct request *request, struct reply *reply,
                       struct findings *findings, struct error *err) {
    (void)api;
    (void)findings;
    size_t len = (size_t)number_of(request, "bytes");
    char *body = arena_alloc(request->arena, len + 1);
    if (!body) {
        return fail_no_memory(err);
    }
    memset(body, 'y', len);
    reply->body = (struct text){body, len};
    reply->etag = "\"big\"";
    return STATUS_OK;
}

static enum status slow(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    int ms = number_of(request, "ms");
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    nanosleep(&pause, NULL);
    return echo(api, request, reply, findings, err);
}

// Keeps its worker until somebody opens the gate.
static enum status held(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    const struct timespec pause = {.tv_nsec = 5000000L};
    atomic_fetch_add(&handled, 1);
    while (!atomic_load(&is_gate_open)) {
        nanosleep(&pause, NULL);
    }
    return count(api, request, reply, findings, err);
}

static enum status open_gate(struct api *api, const struct request *request, struct reply *reply,
                             struct findings *findings, struct error *err) {
    atomic_store(&is_gate_open, true);
    return count(api, request, reply, findings, err);
}

static enum status broken(struct api *api, const struct request *request, struct reply *reply,
                          struct findings *findings, struct error *err) {
    (void)api;
    (void)request;
    (void)reply;
    findings_add(findings, SEVERITY_ERROR, "broken", "/x", NULL, "One thing");
    return fail(err, STATUS_INTERNAL, "probe.c:1", "The secret cause");
}

static const struct route routes[] = {
    {"GET", "/", ACCESS_NONE, 0, "no-cache", echo, "root"},
    {"GET", "/echo", ACCESS_NONE, 0, "no-cache", echo, "what was asked"},
    {"GET", "/echo/{first}/and/{second}", ACCESS_READ, 0, "no-cache", echo, "with parameters"},
    {"GET", "/folder/", ACCESS_READ, 0, "no-cache", echo, "a pattern that ends in a slash"},
    {"GET", "/count", ACCESS_NONE, 0, "no-store", count, "requests handled"},
    {"GET", "/fixed", ACCESS_READ, 0, "no-cache", fixed, "the same bytes"},
    {"GET", "/big", ACCESS_READ, 0, "no-cache", big, "many bytes"},
    {"GET", "/slow", ACCESS_READ, 0, "no-store", slow, "after a while"},
    {"GET", "/held", ACCESS_NONE, 0, "no-store", held, "until the gate is open"},
    {"GET", "/healthz", ACCESS_NONE, 0, "no-store", count, "requests handled, for monitoring"},
    {"GET", "/readyz", ACCESS_NONE, 0, "no-store", open_gate, "open the gate, for monitoring"},
    {"POST", "/v1/tokens/{id}/revoke", ACCESS_NONE, BODY_LIMIT, "no-store", open_gate,
     "open the gate"},
    {"GET", "/broken", ACCESS_READ, 0, "no-store", broken, "a fault"},
    {"PUT", "/body", ACCESS_READ, BODY_LIMIT, "no-store", echo, "a body"},
    {"POST", "/body", ACCESS_READ, BODY_LIMIT, "no-store", echo, "a body"},
    {"PUT", "/publish", ACCESS_PUBLISH, BODY_LIMIT, "no-store", echo, "needs a token"},
};

static const struct {
    const char *name;
    size_t offset;
} numbers[] = {
    {"threads", offsetof(struct server_settings, threads)},
    {"head_timeout_ms", offsetof(struct server_settings, head_timeout_ms)},
    {"idle_timeout_ms", offsetof(struct server_settings, idle_timeout_ms)},
    {"body_timeout_ms", offsetof(struct server_settings, body_timeout_ms)},
    {"body_bytes_per_second", offsetof(struct server_settings, body_bytes_per_second)},
    {"bodies_at_once", offsetof(struct server_settings, bodies_at_once)},
    {"placeless_body_bytes", offsetof(struct server_settings, placeless_body_bytes)},
    {"connections_per_address", offsetof(struct server_settings, connections_per_address)},
};

static bool apply(struct server_settings *settings, const char *word) {
    const char *equals = strchr(word, '=');
    for (size_t i = 0; equals && i < COUNT_OF(numbers); i++) {
        size_t len = strlen(numbers[i].name);
        if (len == (size_t)(equals - word) && strncmp(numbers[i].name, word, len) == 0) {
            *(int *)((char *)settings + numbers[i].offset) = atoi(equals + 1);
            return true;
        }
    }
    if (equals && strncmp(word, "listen", strlen("listen")) == 0) {
        settings->listen = equals + 1;
        return true;
    }
    return false;
}

static void write_log(void *context, enum log_level level, const char *line) {
    (void)context;
    fprintf(stderr, "%s %s\n", log_level_name(level), line);
}

int main(int argc, char **argv) {
    static struct api api;
    const struct log_sink log = {.write = write_log, .level = LOG_LEVEL_DEBUG};
    struct server_settings settings = {
        .listen = "127.0.0.1:0",
        .threads = 8,
        .api = &api,
        .log = getenv("PROBE_QUIET") ? NULL : &log,
        .routes = routes,
        .route_count = COUNT_OF(routes),
    };
    for (int i = 1; i < argc; i++) {
        if (!apply(&settings, argv[i])) {
            fprintf(stderr, "http_probe: what is %s?\n", argv[i]);
            return 2;
        }
    }
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    struct server *server;
    struct error err;
    if (server_start(&settings, &server, &err)) {
        fprintf(stderr, "http_probe: %s\n", err.message);
        return 1;
    }
    printf("%s\n", server_address(server));
    fflush(stdout);
    int number;
    sigwait(&stop, &number);
    server_stop(server, 2000);
    return 0;
}
