// SPDX-License-Identifier: MIT
// Matching is linear over a table of about seventy rows: most are decided by their first bytes, which takes
// about a microsecond for all of them, and the table stays readable in the order a person thinks of it.
// Called on civetweb's workers, once for each request, before its body is read.
//
// The order of the checks is the order of their cost, and of what they give away: the pace (a counter), the
// Host (a comparison), the address, the route, the length, then the token (a look-up in the database), and
// last what the route itself asks of the head. A client that is refused early has cost little, and learns nothing
// of the later checks.
#include "registryd/http/router.h"

#include "registryd/access/limits.h"
#include "registryd/http/head/uri.h"
#include "registryd/request/upload.h"
#include "schema/base/list.h"

#include <string.h>
#include <strings.h>

enum { FORM_BYTES = 4 * 1024 * 1024 }; // of a form, besides its file: tools repeat the metadata

void exchange_init(struct exchange *exchange, struct arena *arena, const char *request_id) {
    *exchange = (struct exchange){
        .request =
            {.arena = arena, .method = "", .path = "", .client = "", .request_id = request_id},
        .reply = {.http_status = 200, .content_type = "application/json", .serial = -1},
    };
    exchange->request.retry_after_s = &exchange->reply.retry_after_s;
    findings_init(&exchange->findings, arena);
}

static bool is_placeholder(struct text part) {
    return part.len > 2 && part.ptr[0] == '{' && part.ptr[part.len - 1] == '}';
}

// Whether the address has the shape of the pattern.
static bool matches(const struct route *route, const struct uri *uri) {
    struct text rest = text_from(route->pattern + 1);
    bool wants_slash = rest.len && rest.ptr[rest.len - 1] == '/';
    rest.len -= wants_slash;
    if (wants_slash != uri->trailing_slash) {
        return false;
    }
    size_t at = 0;
    struct text part;
    while (rest.len && text_split(&rest, '/', &part)) {
        bool fits = at < uri->segment_count &&
                    (is_placeholder(part) || text_equals(part, uri->segments[at]));
        if (!fits) {
            return false;
        }
        at++;
    }
    return at == uri->segment_count;
}

// HEAD is a GET whose body is not sent; only a handler whose bytes are elsewhere asks for it (request->is_head).
static bool serves(const struct route *route, const char *method) {
    return strcmp(route->method, method) == 0 ||
           (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);
}

// "GET, HEAD, PUT, OPTIONS": what the address takes; NULL when no route has this address.
static enum status list_methods(const struct router *router, const struct uri *uri,
                                struct exchange *exchange) {
    struct buffer list;
    buffer_init(&list, 256);
    for (size_t i = 0; i < router->route_count; i++) {
        const struct route *route = &router->routes[i];
        if (matches(route, uri)) {
            bool is_get = strcmp(route->method, "GET") == 0;
            buffer_printf(&list, "%s, %s", route->method, is_get ? "HEAD, " : "");
        }
    }
    if (!list.len) {
        return STATUS_OK;
    }
    buffer_add_string(&list, "OPTIONS");
    exchange->allow = list.failed ? NULL : arena_strdup(exchange->request.arena, list.ptr);
    buffer_done(&list);
    return exchange->allow ? STATUS_OK : fail_no_memory(&exchange->error);
}

static enum status refuse_method(const struct router *router, const struct uri *uri,
                                 struct exchange *exchange) {
    enum status status = list_methods(router, uri, exchange);
    if (status) {
        return status;
    }
    const char *method = exchange->request.method;
    if (!exchange->allow) {
        return fail(&exchange->error, STATUS_NOT_FOUND, NULL, "No route matches the path %s",
                    uri->path);
    }
    if (strcmp(method, "OPTIONS") == 0) {
        exchange->reply.http_status = 204;
        return STATUS_OK;
    }
    return fail(&exchange->error, STATUS_METHOD_NOT_ALLOWED, NULL,
                "The method %s is not allowed here. Allowed methods: %s", method, exchange->allow);
}

// By name, as the pattern has them: "/v1/packages/{name}" and /v1/packages/crm give name = crm. The values were
// decoded one segment at a time, so an escaped slash never moved a boundary.
static enum status take_path_parameters(const struct route *route, const struct uri *uri,
                                        struct request *request, struct error *err) {
    struct parameter *parameters =
        arena_array(request->arena, uri->segment_count + 1, sizeof *parameters);
    if (!parameters) {
        return fail_no_memory(err);
    }
    request->path_parameters = parameters;
    struct text rest = text_from(route->pattern + 1);
    struct text part;
    for (size_t at = 0; at < uri->segment_count && text_split(&rest, '/', &part); at++) {
        if (!is_placeholder(part)) {
            continue;
        }
        struct parameter *parameter = &parameters[request->path_parameter_count++];
        parameter->name = arena_copy(request->arena, part.ptr + 1, part.len - 2);
        parameter->value = uri->segments[at];
        if (!parameter->name) {
            return fail_no_memory(err);
        }
    }
    return STATUS_OK;
}

static enum status find_route(const struct router *router, const struct uri *uri,
                              struct exchange *exchange) {
    struct request *request = &exchange->request;
    for (size_t i = 0; i < router->route_count && !exchange->route; i++) {
        const struct route *route = &router->routes[i];
        if (serves(route, request->method) && matches(route, uri)) {
            exchange->route = route;
        }
    }
    if (!exchange->route) {
        return refuse_method(router, uri, exchange);
    }
    exchange->is_head = strcmp(request->method, "HEAD") == 0;
    request->is_head = exchange->is_head;
    request->method = exchange->route->method;
    return take_path_parameters(exchange->route, uri, request, &exchange->error);
}

// Inclusive. The limit of a file is a setting, so the table cannot hold it.
static size_t max_body(const struct router *router, const struct exchange *exchange) {
    size_t max_bytes = exchange->route ? exchange->route->max_body_bytes : 0;
    return exchange->is_file ? router->api->max_artifact_bytes + FORM_BYTES : max_bytes;
}

static bool is_file(const struct exchange *exchange) {
    const struct route *route = exchange->route;
    return route && (route->max_body_bytes == ROUTE_BODY_ARTIFACT ||
                     (route->takes_files && upload_is_file(exchange->request.content_type)));
}

// Lengths are known before anything is read: chunked bodies were refused with the head.
static enum status check_length(size_t max_bytes, int64_t content_length, struct error *err) {
    if (max_bytes && content_length < 0) {
        return fail(err, STATUS_LENGTH_REQUIRED, "Content-Length",
                    "This route takes a body. Send its Content-Length.");
    }
    if (!max_bytes && content_length > 0) {
        return fail(err, STATUS_TOO_LARGE, "Content-Length", "This route takes no body");
    }
    if (content_length > (int64_t)max_bytes) {
        return fail(err, STATUS_TOO_LARGE, "Content-Length",
                    "The body has %lld bytes. This route takes at most %zu.",
                    (long long)content_length, max_bytes);
    }
    return STATUS_OK;
}

// Monitoring must not be turned away by the load that it watches, and revoking a token must always be
// possible.
static bool is_watch(const char *target) {
    return strcmp(target, "/healthz") == 0 || strcmp(target, "/readyz") == 0 ||
           strcmp(target, "/metrics") == 0;
}

static bool is_unpaced(const char *target) {
    size_t len = strlen(target);
    bool is_token = strncmp(target, "/v1/tokens/", 11) == 0 || strncmp(target, "/tokens/", 8) == 0;
    // The address of a token has at least 8 bytes, so `len - 7` stays inside the text.
    return is_watch(target) || (is_token && (strcmp(target, "/v1/tokens/revoke-leaked") == 0 ||
                                             strcmp(target + len - 7, "/revoke") == 0));
}

static enum status check_pace(const struct router *router, const struct raw_request *raw,
                              struct exchange *exchange) {
    struct limits *limits = router->api ? router->api->limits : NULL;
    if (!limits || is_unpaced(raw->target)) {
        return STATUS_OK;
    }
    uint64_t key = limits_key_text(limits, exchange->request.client);
    int wait_s = limits_take(limits, LIMIT_ON_REQUESTS, key, limits_now_ns());
    if (!wait_s) {
        return STATUS_OK;
    }
    exchange->reply.retry_after_s = wait_s;
    return fail(&exchange->error, STATUS_TOO_MANY, NULL,
                "Too many requests from %s. Retry in %d seconds.", exchange->request.client,
                wait_s);
}

// A page that a browser reached under another name is another site's for the browser: its scripts could
// read answers that only this machine or network should see.
static enum status check_host(const struct router *router, const struct raw_request *raw,
                              struct exchange *exchange) {
    static const char *const local[] = {"localhost", "127.0.0.1"};
    const char *public_host = router->api ? router->api->public_host : NULL;
    const char *host = exchange->request.host;
    if (!public_host || !host || is_watch(raw->target) || strcasecmp(host, public_host) == 0) {
        return STATUS_OK;
    }
    size_t len = strcspn(host, ":");
    for (size_t i = 0; i < COUNT_OF(local); i++) {
        if (len == strlen(local[i]) && strncasecmp(host, local[i], len) == 0) {
            return STATUS_OK;
        }
    }
    return fail(&exchange->error, STATUS_MALFORMED, "Host",
                "This registry is not served as \"%s\". Use %s.", host, public_host);
}

// The texts stay where civetweb has them, which is good until the reply is sent.
static void take_head(const struct raw_request *raw, const struct request_head *head,
                      struct request *request) {
    request->method = raw->method;
    request->content_type = head->content_type;
    request->authorization = head->authorization;
    request->cookie = head->cookie;
    request->host = head->host;
    request->origin = head->origin;
    request->fetch_site = head->fetch_site;
    request->if_match = head->if_match;
    request->if_none_match = head->if_none_match;
    // RFC 9110, 14.2: only GET has ranges.
    request->range = strcmp(raw->method, "GET") == 0 ? head->range : NULL;
    request->if_range = head->if_range;
    request->accept = head->accept;
    request->accepts_gzip = head->accepts_gzip;
}

enum status router_admit(const struct router *router, const struct raw_request *raw,
                         const struct request_head *head, struct exchange *exchange) {
    struct request *request = &exchange->request;
    take_head(raw, head, request);
    struct uri uri;
    enum status status = check_pace(router, raw, exchange);
    if (status) {
        return status;
    }
    status = check_host(router, raw, exchange);
    if (status) {
        return status;
    }
    status = uri_parse(request->arena, text_from(raw->target), text_from(raw->query), &uri,
                       &exchange->error);
    if (status) {
        return status;
    }
    request->path = uri.path;
    request->query = uri.query;
    request->query_count = uri.query_count;
    status = find_route(router, &uri, exchange);
    if (status) {
        return status;
    }
    exchange->is_file = is_file(exchange);
    size_t max_bytes = max_body(router, exchange);
    status = check_length(max_bytes, head->content_length, &exchange->error);
    if (status || !exchange->route) { // without a route: OPTIONS, answered already
        return status;
    }
    status = access_check(router->api, exchange->route->access, request, &exchange->error);
    if (status && exchange->route->refuse) {
        struct error other = {0}; // then the problem document says what it was
        exchange->is_refused = !exchange->route->refuse(router->api, request, &exchange->reply,
                                                        &exchange->error, &other);
    }
    if (status || !exchange->route->admit) {
        return status;
    }
    return exchange->route->admit(router->api, request, &exchange->reply, &exchange->findings,
                                  &exchange->error);
}

// What a token was needed for is not for caches that serve others as well.
static const char *cache_control_of(const struct router *router, const struct route *route) {
    bool is_closed = router->api && router->api->is_reading_closed && route->access == ACCESS_READ;
    bool is_public = strncmp(route->cache_control, "public", strlen("public")) == 0;
    return is_closed && is_public ? "private, max-age=31536000, immutable" : route->cache_control;
}

void router_answer(const struct router *router, struct exchange *exchange) {
    if (!exchange->route) {
        return; // OPTIONS, answered by router_admit
    }
    if (!exchange->route->dates_itself) {
        exchange->request.dated = &exchange->reply;
    }
    enum status status = exchange->route->handler(router->api, &exchange->request, &exchange->reply,
                                                  &exchange->findings, &exchange->error);
    if (status) {
        exchange->error.status = status;
        router_refuse(router, exchange);
    } else if (!exchange->reply.cache_control) {
        exchange->reply.cache_control = cache_control_of(router, exchange->route);
    }
}

void router_refuse(const struct router *router, struct exchange *exchange) {
    struct error other = {0};
    bool has_page =
        exchange->is_refused || (router->api && router->refuse &&
                                 !router->refuse(router->api, &exchange->request, &exchange->reply,
                                                 &exchange->error, &other));
    if (has_page) {
        return;
    }
    reply_problem(&exchange->request, &exchange->reply, &exchange->error, &exchange->findings);
}
