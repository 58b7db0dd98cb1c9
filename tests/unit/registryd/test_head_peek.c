// SPDX-License-Identifier: MIT
// registryd/http/head/head_peek: when a request is complete, and which kind of worker it gets.
#include "registryd/http/head/head_peek.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define END "Host: x\r\n\r\n"

static void a_head_is_whole_at_its_empty_line(void **state) {
    (void)state;
    static const struct {
        const char *sent;
        enum head_state state;
    } cases[] = {
        {"", HEAD_INCOMPLETE},
        {"GET / HTTP/1.1\r\nHost: x\r\n\r", HEAD_INCOMPLETE},
        {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", HEAD_COMPLETE},
        {"GET / HTTP/1.1\nHost: x\n\n", HEAD_COMPLETE},
        {"PUT / HTTP/1.1\r\n\r\n\x01\x02", HEAD_COMPLETE},
        {"\r\n\r\n", HEAD_COMPLETE},
        {"GET / \x01", HEAD_MALFORMED},
        {"\x16\x03\x01", HEAD_MALFORMED},
        {"GET /\xff", HEAD_INCOMPLETE},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(head_examine(cases[i].sent, strlen(cases[i].sent)), cases[i].state);
    }
    static char full[LIMIT_HEADER_BLOCK_BYTES];
    memset(full, 'a', sizeof full);
    assert_int_equal(head_examine(full, sizeof full), HEAD_FULL);
}

static void a_kind_and_a_length_are_read(void **state) {
    (void)state;
    static const struct {
        const char *sent;
        enum head_kind kind;
        size_t body;
    } cases[] = {
        {"GET /v1 HTTP/1.1\r\n" END, HEAD_ORDINARY, 0},
        {"GET /healthz HTTP/1.1\r\n" END, HEAD_WATCH, 0},
        {"GET /healthz/x HTTP/1.1\r\n" END, HEAD_ORDINARY, 0},
        {"GET /metrics HTTP/1.1\r\n" END, HEAD_WATCH, 0},
        {"POST /v1/tokens/revoke-leaked HTTP/1.1\r\ncontent-length: 70\r\n" END, HEAD_ADMIN, 70},
        {"POST /tokens/7/revoke HTTP/1.1\r\n" END, HEAD_ADMIN, 0},
        {"GET /v1 HTTP/1.1\r\nAuthorization: Bearer plga_x\r\n" END, HEAD_ADMIN, 0},
        {"GET /v1 HTTP/1.1\r\nAuthorization: Bearer plg_x\r\n" END, HEAD_ORDINARY, 0},
        {"PUT /x HTTP/1.1\r\nContent-Length: 32768\r\n" END, HEAD_ORDINARY, 32768},
        {"PUT /x HTTP/1.1\r\nContent-Length: 32769\r\n" END, HEAD_ORDINARY, 0},
        {"PUT /x HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n" END, HEAD_ORDINARY, 0},
        {"PUT /x HTTP/1.1\r\nContent-Length: -1\r\n" END, HEAD_ORDINARY, 0},
        {"PUT /x HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9\r\n" END, HEAD_ORDINARY, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char copy[256];
        size_t len = (size_t)snprintf(copy, sizeof copy, "%s", cases[i].sent);
        struct head_peek peek = head_peek(copy, len);
        assert_int_equal(peek.kind, cases[i].kind);
        assert_int_equal(peek.whole_bytes, len + cases[i].body);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_whole_at_its_empty_line),
        cmocka_unit_test(a_kind_and_a_length_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
