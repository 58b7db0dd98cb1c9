// SPDX-License-Identifier: MIT
// The HTML writer: what goes in as text comes out as text, elements close in order, addresses are encoded, and only
// some addresses from outside are linked.
#include "registryd/web/frame/html.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { DOCTYPE_LENGTH = 16 }; // "<!DOCTYPE html>\n"

struct writing {
    struct arena *arena;
    struct html html;
};

static int set_up(void **state) {
    static struct writing writing;
    writing.arena = arena_new(0);
    html_init(&writing.html, writing.arena, 1024 * 1024);
    *state = &writing;
    return 0;
}

static int tear_down(void **state) {
    struct writing *writing = *state;
    html_done(&writing->html);
    arena_free(writing->arena);
    return 0;
}

// The document without its first line and without line ends.
static const char *finish(struct writing *writing) {
    struct text text;
    assert_int_equal(html_finish(&writing->html, &text, NULL), STATUS_OK);
    char *copy = arena_copy(writing->arena, text.ptr + DOCTYPE_LENGTH, text.len - DOCTYPE_LENGTH);
    size_t len = 0;
    for (const char *at = copy; *at; at++) {
        if (*at != '\n') {
            copy[len++] = *at;
        }
    }
    copy[len] = '\0';
    return copy;
}

static void test_text_is_escaped(void **state) {
    struct writing *writing = *state;
    html_open(&writing->html, "p");
    html_text(&writing->html, "<b>&\"'`\x01\x7fgrün");
    html_close(&writing->html);
    assert_string_equal(finish(writing),
                        "<p>&lt;b&gt;&amp;&quot;&#39;&#96;\xef\xbf\xbd\xef\xbf\xbdgrün</p>");
}

static void test_attributes_are_escaped_and_left_out(void **state) {
    struct writing *writing = *state;
    html_open(&writing->html, "input.a.b");
    html_attribute(&writing->html, "value", "\"><script>");
    html_attribute(&writing->html, "name", NULL);
    html_attribute(&writing->html, "required", "");
    html_close(&writing->html);
    assert_string_equal(finish(writing),
                        "<input class=\"a b\" value=\"&quot;&gt;&lt;script&gt;\" required=\"\">");
}

static void test_text_that_is_not_utf8_is_left_out(void **state) {
    struct writing *writing = *state;
    html_element(&writing->html, "p", "a\xff");
    assert_string_equal(finish(writing), "<p></p>");
}

static void test_what_stays_open_is_a_fault(void **state) {
    struct writing *writing = *state;
    struct text text;
    html_open(&writing->html, "p");
    assert_int_equal(html_finish(&writing->html, &text, NULL), STATUS_INTERNAL);
    html_close(&writing->html);
    assert_int_equal(html_finish(&writing->html, &text, NULL), STATUS_OK);
    html_close(&writing->html);
    assert_int_equal(html_finish(&writing->html, &text, NULL), STATUS_INTERNAL);
}

static void test_an_attribute_after_text_is_a_fault(void **state) {
    struct writing *writing = *state;
    struct text text;
    html_open(&writing->html, "p");
    html_text(&writing->html, "x");
    html_attribute(&writing->html, "id", "late");
    html_close(&writing->html);
    assert_int_equal(html_finish(&writing->html, &text, NULL), STATUS_INTERNAL);
}

static void test_links_out(void **state) {
    (void)state;
    static const struct {
        const char *address;
        bool may_link;
    } rows[] = {
        {"https://example.org/a?b=c#d", true},
        {"HTTP://example.org", true},
        {"mailto:a@example.org", true},
        {"https://", false},
        {"mailto:", false},
        {"javascript:alert(1)", false},
        {" https://example.org", false},
        {"https://a b", false},
        {"https://a\tb", false},
        {"https://a\"b", false},
        {"https://a<b", false},
        {"https://a\\b", false},
        {"//example.org", false},
        {"/packages", false},
        {"data:text/html,x", false},
        {"ftp://example.org", false},
        {"", false},
        {NULL, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(html_may_link(rows[i].address), rows[i].may_link);
    }
}

static void test_only_our_addresses_are_linked_as_ours(void **state) {
    struct writing *writing = *state;
    html_link(&writing->html, "a", "/groups", "x");
    html_link(&writing->html, "a", "//example.org", "y");
    html_link(&writing->html, "a", "https://example.org", "z");
    assert_string_equal(finish(writing), "<a href=\"/groups\">x</a><span>y</span><span>z</span>");
}

static void test_addresses_are_encoded(void **state) {
    struct writing *writing = *state;
    struct address address;
    address_begin(&address, writing->arena, "/packages");
    address_add_segment(&address, "a/../b ?#%");
    address_add_query(&address, "q", "x&y=ü");
    address_add_query(&address, "none", NULL);
    address_add_query(&address, "z", "");
    assert_string_equal(address_end(&address),
                        "/packages/a%2F..%2Fb%20%3F%23%25?q=x%26y%3D%C3%BC&z=");
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_text_is_escaped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_attributes_are_escaped_and_left_out, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_text_that_is_not_utf8_is_left_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_stays_open_is_a_fault, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_attribute_after_text_is_a_fault, set_up, tear_down),
        cmocka_unit_test(test_links_out),
        cmocka_unit_test_setup_teardown(test_only_our_addresses_are_linked_as_ours, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_addresses_are_encoded, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
