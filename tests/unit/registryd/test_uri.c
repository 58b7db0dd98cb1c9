// SPDX-License-Identifier: MIT
// registryd/http/head/uri: rows of addresses as sent, and what becomes of them.
#include "registryd/http/head/uri.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static enum status parse(struct arena *arena, const char *path, const char *query,
                         struct uri *ret_uri, struct error *err) {
    return uri_parse(arena, text_from(path), text_from(query), ret_uri, err);
}

static void a_path_is_decoded_once(void **state) {
    (void)state;
    static const struct {
        const char *sent;
        const char *path;
        size_t segments;
        bool trailing_slash;
    } rows[] = {
        {"/", "/", 0, false},
        {"/v1", "/v1", 1, false},
        {"/v1/", "/v1/", 1, true},
        {"/v1/packages/acme-crm/releases/1.0%2b1", "/v1/packages/acme-crm/releases/1.0+1", 5,
         false},
        {"/a+b", "/a+b", 1, false},
        {"/a%20b", "/a b", 1, false},
        {"/%2561", "/%61", 1, false},
        {"/%252e%252e/x", "/%2e%2e/x", 2, false},
        {"/caf%C3%A9", "/caf\xc3\xa9", 1, false},
        {"/...", "/...", 1, false},
        {"/.a/..b/c..", "/.a/..b/c..", 3, false},
        {"/a:b@c!$&'()*,;=~_-", "/a:b@c!$&'()*,;=~_-", 1, false},
        {"/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", 16,
         false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(0);
        struct uri uri;
        struct error err = {0};
        if (parse(arena, rows[i].sent, NULL, &uri, &err)) {
            fail_msg("%s: %s", rows[i].sent, err.message);
        }
        assert_string_equal(uri.path, rows[i].path);
        assert_int_equal(uri.segment_count, rows[i].segments);
        assert_int_equal(uri.trailing_slash, rows[i].trailing_slash);
        assert_int_equal(uri.query_count, 0);
        arena_free(arena);
    }
}

static void a_bad_path_is_refused(void **state) {
    (void)state;
    static const char *const rows[] = {
        "",           "*",        "v1",           "http://x/v1", "//",
        "//v1",       "/v1//x",   "/v1//",        "/.",          "/..",
        "/v1/./x",    "/v1/../x", "/%2e",         "/%2E%2e",     "/.%2e/x",
        "/v1/..",     "/a%2fb",   "/a%2Fb",       "/a%5cb",      "/a\\b",
        "/a%00",      "/a%00b",   "/%0d%0aX:1",   "/a%0a",       "/a%1f",
        "/a%7f",      "/a%C2%85", "/%",           "/%1",         "/%g1",
        "/%1g",       "/a%zz%4",  "/%ff",         "/%c0%af",     "/%c0%80",
        "/%ed%a0%80", "/%e2%82",  "/caf\xc3\xa9", "/a b",        "/a\tb",
        "/a#b",       "/a\"b",    "/a<b",         "/a{b}",       "/a|b",
        "/a^b",       "/a`b",     "/a[b]",        "/%6detrics",  "/metric%73",
        "/%7Ea",      "/a%2db",   "/a%5Fb",       "/%31",
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(0);
        struct uri uri = {.path = "untouched"};
        struct error err = {0};
        if (parse(arena, rows[i], NULL, &uri, &err) != STATUS_MALFORMED) {
            fail_msg("accepted: \"%s\"", rows[i]);
        }
        assert_string_equal(uri.path, "untouched");
        assert_string_equal(err.where, "path");
        assert_true(err.message[0]);
        arena_free(arena);
    }
}

static void a_query_is_a_list_of_parameters(void **state) {
    (void)state;
    static const struct {
        const char *sent;
        const char *expected; // name=value, joined by '|'
    } rows[] = {
        {"", ""},
        {"a=1", "a=1|"},
        {"a=1&a=2&b=", "a=1|a=2|b=|"},
        {"flag", "flag=|"},
        {"&&a=1&", "a=1|"},
        {"group=acme.plugins&python=3.11", "group=acme.plugins|python=3.11|"},
        {"have=a%3D%3D1+b", "have=a==1 b|"},
        {"have=a==1", "have=a==1|"},
        {"q=%26%3D%2B%25", "q=&=+%|"},
        {"q=a/b?c:d@e", "q=a/b?c:d@e|"},
        {"q=a%2Fb%5Cc", "q=a/b\\c|"},
        {"q=a[b]|c^d", "q=a[b]|c^d|"},
        {"q=%E2%82%AC", "q=\xe2\x82\xac|"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(0);
        struct uri uri;
        struct error err = {0};
        if (parse(arena, "/", rows[i].sent, &uri, &err)) {
            fail_msg("%s: %s", rows[i].sent, err.message);
        }
        struct buffer got;
        buffer_init(&got, 1000);
        buffer_add_string(&got, "");
        for (size_t p = 0; p < uri.query_count; p++) {
            buffer_printf(&got, "%s=%s|", uri.query[p].name, uri.query[p].value);
        }
        assert_string_equal(got.ptr, rows[i].expected);
        buffer_done(&got);
        arena_free(arena);
    }
}

static void a_bad_query_is_refused(void **state) {
    (void)state;
    static const char *const rows[] = {
        "=1",    "a=1&=2", "a=%",        "a=%4",  "a=%zz", "%00=1",  "a=%00",    "a=%0d%0a",
        "a=%ff", "a=%7f",  "a=\xc3\xa9", "a=b c", "a=b#c", "a=\x01", "a=%c2%9b",
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(0);
        struct uri uri;
        struct error err = {0};
        if (parse(arena, "/", rows[i], &uri, &err) != STATUS_MALFORMED) {
            fail_msg("accepted: \"%s\"", rows[i]);
        }
        assert_string_equal(err.where, "query");
        arena_free(arena);
    }
}

static void limits_are_exact(void **state) {
    (void)state;
    char long_text[LIMIT_QUERY_BYTES + 2];
    memset(long_text, 'a', sizeof long_text);
    long_text[0] = '/';
    char parameters[2 * LIMIT_QUERY_PARAMETERS + 2];
    for (size_t i = 0; i < sizeof parameters; i++) {
        parameters[i] = i % 2 ? '&' : 'a';
    }
    char segments[2 * LIMIT_PATH_SEGMENTS + 2];
    for (size_t i = 0; i < sizeof segments; i++) {
        segments[i] = i % 2 ? 'a' : '/';
    }
    struct text none = {NULL, 0};
    struct text root = text_from("/");
    const struct {
        struct text path;
        struct text query;
        enum status expected;
    } rows[] = {
        {{long_text, LIMIT_PATH_BYTES}, none, STATUS_OK},
        {{long_text, LIMIT_PATH_BYTES + 1}, none, STATUS_HEADERS_TOO_LARGE},
        {{segments, 2 * LIMIT_PATH_SEGMENTS}, none, STATUS_OK},
        {{segments, 2 * LIMIT_PATH_SEGMENTS + 2}, none, STATUS_HEADERS_TOO_LARGE},
        {root, {long_text, LIMIT_QUERY_BYTES}, STATUS_OK},
        {root, {long_text, LIMIT_QUERY_BYTES + 1}, STATUS_HEADERS_TOO_LARGE},
        {root, {parameters, 2 * LIMIT_QUERY_PARAMETERS - 1}, STATUS_OK},
        {root, {parameters, 2 * LIMIT_QUERY_PARAMETERS + 1}, STATUS_HEADERS_TOO_LARGE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena *arena = arena_new(0);
        struct uri uri;
        struct error err = {0};
        assert_int_equal(uri_parse(arena, rows[i].path, rows[i].query, &uri, &err),
                         rows[i].expected);
        arena_free(arena);
    }
}

static void no_memory_is_a_status(void **state) {
    (void)state;
    struct arena *arena = arena_new(1);
    struct uri uri;
    struct error err = {0};
    assert_int_equal(parse(arena, "/v1", "a=1", &uri, &err), STATUS_NO_MEMORY);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_decoded_once),
        cmocka_unit_test(a_bad_path_is_refused),
        cmocka_unit_test(a_query_is_a_list_of_parameters),
        cmocka_unit_test(a_bad_query_is_refused),
        cmocka_unit_test(limits_are_exact),
        cmocka_unit_test(no_memory_is_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
