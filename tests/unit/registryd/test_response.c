// SPDX-License-Identifier: MIT
// registryd/http/response: what an exchange looks like on the wire.
#include "registryd/http/response.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct route get_route = {.method = "GET", .pattern = "/"};
static const struct route put_route = {.method = "PUT", .pattern = "/"};

struct sent {
    struct arena *arena;
    struct exchange exchange;
    struct response_facts facts;
    struct buffer head;
    struct text body;
    int code;
};

static void begin(struct sent *sent, const struct route *route) {
    memset(sent, 0, sizeof *sent);
    sent->arena = arena_new(0);
    exchange_init(&sent->exchange, sent->arena, "id-7");
    sent->exchange.route = route;
    sent->exchange.reply.body = text_from("{}");
    sent->exchange.reply.etag = "\"tag\"";
    sent->facts = (struct response_facts){.now = 784111777, .keep_alive = true};
    buffer_init(&sent->head, 4096);
}

static void encode(struct sent *sent) {
    sent->head.len = 0;
    sent->code = response_encode(&sent->exchange, &sent->facts, &sent->head, &sent->body);
    assert_int_equal(sent->head.failed, STATUS_OK);
    assert_string_equal(sent->head.ptr + sent->head.len - 4, "\r\n\r\n");
    assert_null(strstr(sent->head.ptr, "(null)"));
}

static void done(struct sent *sent) {
    buffer_done(&sent->head);
    arena_free(sent->arena);
}

static bool has_line(const struct sent *sent, const char *line) {
    char wanted[300];
    snprintf(wanted, sizeof wanted, "\r\n%s\r\n", line);
    return strstr(sent->head.ptr, wanted) != NULL;
}

static bool has_header(const struct sent *sent, const char *name) {
    char wanted[100];
    snprintf(wanted, sizeof wanted, "\r\n%s: ", name);
    return strstr(sent->head.ptr, wanted) != NULL;
}

static void every_answer_carries_the_same_headers(void **state) {
    (void)state;
    struct sent sent;
    begin(&sent, &get_route);
    encode(&sent);
    assert_int_equal(sent.code, 200);
    assert_int_equal(strncmp(sent.head.ptr, "HTTP/1.1 200 OK\r\n", 17), 0);
    assert_true(has_line(&sent, "Date: Sun, 06 Nov 1994 08:49:37 GMT"));
    assert_true(has_line(&sent, "Content-Type: application/json"));
    assert_true(has_line(&sent, "Content-Length: 2"));
    assert_true(has_line(&sent, "ETag: \"tag\""));
    assert_true(has_line(&sent, "Vary: Accept-Encoding"));
    assert_true(has_line(&sent, "X-Request-Id: id-7"));
    assert_true(has_line(&sent, "X-Content-Type-Options: nosniff"));
    assert_true(has_line(&sent, "Referrer-Policy: no-referrer"));
    assert_true(has_line(&sent, "Connection: keep-alive"));
    assert_true(text_equals(sent.body, "{}"));
    assert_false(has_header(&sent, "X-Registry-Serial"));
    sent.facts.keep_alive = false;
    encode(&sent);
    assert_true(has_line(&sent, "Connection: close"));
    done(&sent);
}

static void the_answers_own_point_wins_over_the_daemons(void **state) {
    (void)state;
    struct sent sent;
    begin(&sent, &get_route);
    const struct history_point point = {.epoch = "now", .serial = 9};
    sent.facts.point = &point;
    encode(&sent);
    assert_true(has_line(&sent, "X-Registry-Serial: 9"));
    assert_true(has_line(&sent, "X-Registry-Epoch: now"));
    sent.exchange.reply.serial = 0;
    sent.exchange.reply.epoch = "then";
    encode(&sent);
    assert_true(has_line(&sent, "X-Registry-Serial: 0"));
    assert_true(has_line(&sent, "X-Registry-Epoch: then"));
    sent.exchange.reply.epoch = "";
    encode(&sent);
    assert_false(has_header(&sent, "X-Registry-Serial"));
    assert_false(has_header(&sent, "X-Registry-Epoch"));
    done(&sent);
}

static void what_the_client_has_is_not_sent_again(void **state) {
    (void)state;
    static const struct {
        const char *if_none_match;
        const char *etag;
        bool expected;
    } rows[] = {
        {NULL, "\"a\"", false},
        {"\"a\"", NULL, false},
        {"\"a\"", "\"a\"", true},
        {"\"b\"", "\"a\"", false},
        {"\"b\", \"a\"", "\"a\"", true},
        {"\"b\",W/\"a\"", "\"a\"", true},
        {"\"a\"", "W/\"a\"", true},
        {"*", "\"a\"", true},
        {"\"aa\"", "\"a\"", false},
        {"a", "\"a\"", false},
        {"", "\"a\"", false},
        {",,", "\"a\"", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(response_etag_matches(rows[i].if_none_match, rows[i].etag),
                         rows[i].expected);
    }
    struct sent sent;
    begin(&sent, &get_route);
    sent.exchange.request.if_none_match = "\"tag\"";
    encode(&sent);
    assert_int_equal(sent.code, 304);
    assert_int_equal(sent.body.len, 0);
    assert_true(has_line(&sent, "ETag: \"tag\""));
    assert_false(has_header(&sent, "Content-Length"));
    sent.exchange.route = &put_route;
    encode(&sent);
    assert_int_equal(sent.code, 200);
    sent.exchange.route = &get_route;
    sent.exchange.reply.http_status = 404;
    encode(&sent);
    assert_int_equal(sent.code, 404);
    done(&sent);
}

static void head_keeps_the_length_and_drops_the_body(void **state) {
    (void)state;
    struct sent sent;
    begin(&sent, &get_route);
    sent.exchange.is_head = true;
    encode(&sent);
    assert_true(has_line(&sent, "Content-Length: 2"));
    assert_int_equal(sent.body.len, 0);
    done(&sent);
}

static void gzip_is_for_bodies_that_gain(void **state) {
    (void)state;
    static char repeated[RESPONSE_GZIP_MIN_BYTES + 1];
    static char random[RESPONSE_GZIP_MIN_BYTES];
    static char half[20 * RESPONSE_GZIP_MIN_BYTES]; // more than a quarter stays
    memset(repeated, 'r', sizeof repeated);
    uint32_t seed = 1;
    for (size_t i = 0; i < sizeof random; i++) {
        seed = seed * 1664525 + 1013904223;
        random[i] = (char)(seed >> 24);
    }
    for (size_t i = 0; i < sizeof half / 2; i++) {
        seed = seed * 1664525 + 1013904223;
        half[i] = (char)(seed >> 24);
    }
    const struct {
        struct text body;
        bool accepts;
        bool packed;
    } rows[] = {
        {{repeated, RESPONSE_GZIP_MIN_BYTES}, true, true},
        {{repeated, RESPONSE_GZIP_MIN_BYTES}, false, false},
        {{repeated, RESPONSE_GZIP_MIN_BYTES - 1}, true, false},
        {{random, sizeof random}, true, false},
        {{half, sizeof half}, true, true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct sent sent;
        begin(&sent, &get_route);
        sent.exchange.request.accepts_gzip = rows[i].accepts;
        sent.exchange.reply.body = rows[i].body;
        encode(&sent);
        assert_int_equal(has_line(&sent, "Content-Encoding: gzip"), rows[i].packed);
        assert_int_equal(has_line(&sent, "ETag: W/\"tag\""), rows[i].packed);
        assert_int_equal(sent.body.len < rows[i].body.len, rows[i].packed);
        if (rows[i].packed) {
            assert_memory_equal(sent.body.ptr, "\x1f\x8b", 2);
        }
        done(&sent);
    }
}

static void some_statuses_say_what_to_do_next(void **state) {
    (void)state;
    static const struct {
        int code;
        const char *line;
    } rows[] = {
        {401, "WWW-Authenticate: Bearer realm=\"registryd\""},
        {503, "Retry-After: 1"},
        {429, "Retry-After: 1"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct sent sent;
        begin(&sent, &get_route);
        encode(&sent);
        assert_false(has_line(&sent, rows[i].line));
        sent.exchange.reply.http_status = rows[i].code;
        encode(&sent);
        assert_true(has_line(&sent, rows[i].line));
        done(&sent);
    }
    struct sent sent;
    begin(&sent, NULL);
    sent.exchange.allow = "GET, OPTIONS";
    sent.exchange.reply.http_status = 204;
    encode(&sent);
    assert_true(has_line(&sent, "Allow: GET, OPTIONS"));
    assert_false(has_header(&sent, "Content-Length"));
    assert_false(has_header(&sent, "Content-Type"));
    done(&sent);
}

static void every_status_has_its_line(void **state) {
    (void)state;
    for (int i = 0; i < STATUS_COUNT; i++) {
        struct sent sent;
        begin(&sent, &get_route);
        sent.exchange.reply.http_status = status_info((enum status)i)->http_status;
        encode(&sent);
        assert_true(strchr(sent.head.ptr, '\r') - sent.head.ptr >
                    (ptrdiff_t)strlen("HTTP/1.1 200 "));
        done(&sent);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_answer_carries_the_same_headers),
        cmocka_unit_test(the_answers_own_point_wins_over_the_daemons),
        cmocka_unit_test(what_the_client_has_is_not_sent_again),
        cmocka_unit_test(head_keeps_the_length_and_drops_the_body),
        cmocka_unit_test(gzip_is_for_bodies_that_gain),
        cmocka_unit_test(some_statuses_say_what_to_do_next),
        cmocka_unit_test(every_status_has_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
