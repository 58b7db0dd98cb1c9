// SPDX-License-Identifier: MIT
// registryd/http/router: a small table, rows of requests, and what is decided before a handler runs;
// then the same rules over the table the daemon serves.
#include "registryd/http/router.h"
#include "registryd/http/routes.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static enum status good(struct api *api, const struct request *request, struct reply *reply,
                        struct findings *findings, struct error *err) {
    (void)api;
    (void)findings;
    (void)err;
    reply->body = text_from(request->path);
    return STATUS_OK;
}

static enum status bad(struct api *api, const struct request *request, struct reply *reply,
                       struct findings *findings, struct error *err) {
    (void)api;
    (void)request;
    findings_add(findings, SEVERITY_ERROR, "bad", "/x", NULL, "The x is bad");
    reply->etag = "\"left over\"";
    err->status = STATUS_CONFLICT;
    snprintf(err->message, sizeof err->message, "Both were bad");
    return STATUS_CONFLICT;
}

static const struct route table[] = {
    {"GET", "/", ACCESS_NONE, 0, "no-cache", good, "root"},
    {"GET", "/v1/things", ACCESS_READ, 0, "no-cache", good, "list"},
    {"GET", "/v1/things/{name}", ACCESS_READ, 0, "no-cache", good, "one"},
    {"PUT", "/v1/things/{name}", ACCESS_PUBLISH, 10, "no-store", good, "publish"},
    {"POST", "/v1/check", ACCESS_READ, 10, "no-store", bad, "check"},
    {"GET", "/v1/things/{name}/parts/{part}", ACCESS_READ, 0, "no-cache", good, "part"},
    {"GET", "/simple/{name}/", ACCESS_READ, 0, "no-cache", good, "page"},
};

static struct api api;
static const struct router router = {&api, table, COUNT_OF(table)};

static enum status admit(struct exchange *exchange, struct arena *arena, const char *method,
                         const char *target, int64_t content_length) {
    struct raw_request raw = {.method = method, .target = target, .version = "1.1"};
    struct request_head head = {.content_length = content_length};
    exchange_init(exchange, arena, "id-1");
    enum status status = router_admit(&router, &raw, &head, exchange);
    assert_int_equal(exchange->error.status, status);
    return status;
}

static void requests_are_judged_before_handlers_run(void **state) {
    (void)state;
    static const struct {
        const char *method;
        const char *target;
        int64_t content_length;
        enum status expected;
        const char *pattern; // of the route found, or NULL
        const char *allow;
    } rows[] = {
        {"GET", "/", -1, STATUS_OK, "/", NULL},
        {"HEAD", "/", -1, STATUS_OK, "/", NULL},
        {"GET", "/v1/things", -1, STATUS_OK, "/v1/things", NULL},
        {"GET", "/v1/things", 0, STATUS_OK, "/v1/things", NULL},
        {"GET", "/v1/things", 1, STATUS_TOO_LARGE, "/v1/things", NULL},
        {"GET", "/v1/things/", -1, STATUS_NOT_FOUND, NULL, NULL},
        {"GET", "/v1", -1, STATUS_NOT_FOUND, NULL, NULL},
        {"GET", "/v1/thingsx", -1, STATUS_NOT_FOUND, NULL, NULL},
        {"GET", "/V1/things", -1, STATUS_NOT_FOUND, NULL, NULL},
        {"GET", "/v1/things/%7Bname%7D", -1, STATUS_OK, "/v1/things/{name}", NULL},
        {"GET", "/v1/things/a", -1, STATUS_OK, "/v1/things/{name}", NULL},
        {"GET", "/v1/things/a/parts", -1, STATUS_NOT_FOUND, NULL, NULL},
        {"GET", "/v1/things/a/parts/b", -1, STATUS_OK, "/v1/things/{name}/parts/{part}", NULL},
        {"GET", "/v1/things/a/parts/b/c", -1, STATUS_NOT_FOUND, NULL, NULL},
        {"GET", "/simple/a/", -1, STATUS_OK, "/simple/{name}/", NULL},
        {"GET", "/simple/a", -1, STATUS_NOT_FOUND, NULL, NULL},
        {"GET", "/v1//things", -1, STATUS_MALFORMED, NULL, NULL},
        {"DELETE", "/v1/things/a", -1, STATUS_METHOD_NOT_ALLOWED, NULL, "GET, HEAD, PUT, OPTIONS"},
        {"GET", "/v1/check", -1, STATUS_METHOD_NOT_ALLOWED, NULL, "POST, OPTIONS"},
        {"get", "/", -1, STATUS_METHOD_NOT_ALLOWED, NULL, "GET, HEAD, OPTIONS"},
        {"OPTIONS", "/v1/things/a", -1, STATUS_OK, NULL, "GET, HEAD, PUT, OPTIONS"},
        {"OPTIONS", "/v1/things/a", 5, STATUS_TOO_LARGE, NULL, "GET, HEAD, PUT, OPTIONS"},
        {"OPTIONS", "/nowhere", -1, STATUS_NOT_FOUND, NULL, NULL},
        {"POST", "/v1/check", -1, STATUS_LENGTH_REQUIRED, "/v1/check", NULL},
        {"POST", "/v1/check", 0, STATUS_OK, "/v1/check", NULL},
        {"POST", "/v1/check", 10, STATUS_OK, "/v1/check", NULL},
        {"POST", "/v1/check", 11, STATUS_TOO_LARGE, "/v1/check", NULL},
        {"POST", "/v1/check", 9999999999, STATUS_TOO_LARGE, "/v1/check", NULL},
        {"PUT", "/v1/things/a", 10, STATUS_UNAUTHORIZED, "/v1/things/{name}", NULL},
        {"PUT", "/v1/things/a", 11, STATUS_TOO_LARGE, "/v1/things/{name}", NULL},
        {"PUT", "/v1/things/a", -1, STATUS_LENGTH_REQUIRED, "/v1/things/{name}", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(0);
        struct exchange exchange;
        enum status got =
            admit(&exchange, arena, rows[i].method, rows[i].target, rows[i].content_length);
        if (got != rows[i].expected) {
            fail_msg("%s %s gives %s", rows[i].method, rows[i].target, status_info(got)->wire_name);
        }
        assert_int_equal(!exchange.route, !rows[i].pattern);
        if (rows[i].pattern) {
            assert_string_equal(exchange.route->pattern, rows[i].pattern);
        }
        assert_string_equal(exchange.allow ? exchange.allow : "",
                            rows[i].allow ? rows[i].allow : "");
        arena_free(arena);
    }
}

static void path_parameters_have_the_patterns_names(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct exchange exchange;
    assert_int_equal(admit(&exchange, arena, "GET", "/v1/things/a%20b/parts/%C3%A9", -1),
                     STATUS_OK);
    assert_string_equal(request_path(&exchange.request, "name"), "a b");
    assert_string_equal(request_path(&exchange.request, "part"), "\xc3\xa9");
    assert_int_equal(exchange.request.path_parameter_count, 2);
    assert_string_equal(exchange.request.path, "/v1/things/a b/parts/\xc3\xa9");
    arena_free(arena);
}

static void head_is_a_get_without_a_body(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct exchange exchange;
    assert_int_equal(admit(&exchange, arena, "HEAD", "/v1/things", -1), STATUS_OK);
    assert_string_equal(exchange.request.method, "GET");
    assert_true(exchange.is_head);
    arena_free(arena);
}

static void options_is_answered_without_a_handler(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct exchange exchange;
    assert_int_equal(admit(&exchange, arena, "OPTIONS", "/v1/things", -1), STATUS_OK);
    router_answer(&router, &exchange);
    assert_int_equal(exchange.reply.http_status, 204);
    assert_int_equal(exchange.reply.body.len, 0);
    arena_free(arena);
}

static void a_good_answer_gets_the_routes_cache_policy(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct exchange exchange;
    admit(&exchange, arena, "GET", "/v1/things", -1);
    router_answer(&router, &exchange);
    assert_int_equal(exchange.reply.http_status, 200);
    assert_string_equal(exchange.reply.cache_control, "no-cache");
    assert_true(text_equals(exchange.reply.body, "/v1/things"));
    arena_free(arena);
}

static void a_failing_handler_becomes_a_problem(void **state) {
    (void)state;
    struct arena *arena = arena_new(0);
    struct exchange exchange;
    admit(&exchange, arena, "POST", "/v1/check", 2);
    router_answer(&router, &exchange);
    assert_int_equal(exchange.reply.http_status, 409);
    assert_string_equal(exchange.reply.content_type, "application/problem+json");
    assert_string_equal(exchange.reply.cache_control, "no-store");
    assert_null(exchange.reply.etag);
    assert_non_null(strstr(exchange.reply.body.ptr, "Both were bad"));
    assert_non_null(strstr(exchange.reply.body.ptr, "The x is bad"));
    assert_non_null(strstr(exchange.reply.body.ptr, "id-1"));
    arena_free(arena);
}

static void no_memory_is_a_status_at_every_step(void **state) {
    (void)state;
    struct arena *arena = arena_new(1);
    struct exchange exchange;
    assert_int_equal(admit(&exchange, arena, "GET", "/v1/things/a", -1), STATUS_NO_MEMORY);
    router_refuse(&router, &exchange);
    assert_int_equal(exchange.reply.http_status, 503);
    assert_true(exchange.reply.body.len > 0);
    arena_free(arena);
}

static void a_route_that_declares_nothing_is_nobodys(void **state) {
    (void)state;
    struct request request = {.authorization = "Bearer x"};
    struct error err = {0};
    struct api open = {.is_reading_closed = false};
    assert_int_equal(access_check(&open, ACCESS_UNDECLARED, &request, &err), STATUS_FORBIDDEN);
    assert_int_equal(access_check(&open, ACCESS_LEVEL_COUNT, &request, &err), STATUS_FORBIDDEN);
    const struct route forgotten = {"GET", "/x", .handler = NULL};
    assert_int_equal(forgotten.access, ACCESS_UNDECLARED);
}

// Those who ask need no right: they show a token, or the form of their own session.
static bool proves_itself(const char *pattern) {
    return strcmp(pattern, "/v1/tokens/revoke-leaked") == 0 || strcmp(pattern, "/sign-in") == 0 ||
           strcmp(pattern, "/sign-out") == 0;
}

static void the_daemons_table_is_sound(void **state) {
    (void)state;
    size_t count;
    const struct route *rows = routes_table(&count);
    assert_in_range(count, 1, 200);
    for (size_t i = 0; i < count; i++) {
        const struct route *row = &rows[i];
        bool writes = strcmp(row->method, "GET") != 0;
        bool may_have_body = writes && strcmp(row->method, "DELETE") != 0;
        assert_non_null(row->handler);
        assert_true(row->description[0]);
        assert_int_equal(row->pattern[0], '/');
        assert_true(may_have_body || row->max_body_bytes == 0);
        assert_in_range(row->access, ACCESS_UNDECLARED + 1, ACCESS_LEVEL_COUNT - 1);
        assert_true(row->max_body_bytes <= LIMIT_REPORT_BYTES ||
                    row->max_body_bytes == ROUTE_BODY_ARTIFACT);
        assert_true(!writes || strcmp(row->cache_control, "no-store") == 0);
        assert_true(!writes || row->access >= ACCESS_REPORT || row->access == ACCESS_READ ||
                    row->access == ACCESS_ASK || proves_itself(row->pattern));
        for (size_t j = 0; j < i; j++) {
            assert_false(strcmp(row->method, rows[j].method) == 0 &&
                         strcmp(row->pattern, rows[j].pattern) == 0);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_route_that_declares_nothing_is_nobodys),
        cmocka_unit_test(requests_are_judged_before_handlers_run),
        cmocka_unit_test(path_parameters_have_the_patterns_names),
        cmocka_unit_test(head_is_a_get_without_a_body),
        cmocka_unit_test(options_is_answered_without_a_handler),
        cmocka_unit_test(a_good_answer_gets_the_routes_cache_policy),
        cmocka_unit_test(a_failing_handler_becomes_a_problem),
        cmocka_unit_test(no_memory_is_a_status_at_every_step),
        cmocka_unit_test(the_daemons_table_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
