// SPDX-License-Identifier: MIT
// The HTML writer: what goes in as text comes out as text, elements close in order, addresses are encoded,
// and only some addresses from outside are linked. And descriptions, which go through it.
#include "registryd/web/frame/html.h"
#include "registryd/web/frame/markdown.h"
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

static void test_markdown(void **state) {
    struct writing *writing = *state;
    markdown_add(
        &writing->html,
        "# A <b>\n\n*x* [l](https://example.org) [j](javascript:x) ![p](https://example.org/p)\n\n"
        "<script>1</script>\n",
        "text/markdown; variant=CommonMark");
    assert_string_equal(
        finish(writing),
        "<div class=\"readme\"><h3>A &lt;b&gt;</h3><p><em>x</em> "
        "<a href=\"https://example.org\" rel=\"nofollow noopener noreferrer ugc\">l</a> "
        "<span>j</span> "
        "<a href=\"https://example.org/p\" rel=\"nofollow noopener noreferrer ugc\">p</a></p>"
        "<pre tabindex=\"0\"><code>&lt;script&gt;1&lt;/script&gt;</code></pre></div>");
}

static void test_markdown_as_on_github(void **state) {
    struct writing *writing = *state;
    markdown_add(&writing->html,
                 "| a | <b> |\n|:--|--:|\n| ~~x~~ | https://example.org/y |\n\n"
                 "- [x] done\n- [ ] open javascript:z www.example.org\n",
                 "text/markdown");
    assert_string_equal(
        finish(writing),
        "<div "
        "class=\"readme\"><table><tr><th>a</th><th>&lt;b&gt;</th></tr><tr><td><del>x</del></td>"
        "<td><a href=\"https://example.org/y\" rel=\"nofollow noopener noreferrer "
        "ugc\">https://example.org/y</a></td></tr></table>"
        "<ul><li>☑ <p>done</p></li><li>☐ <p>open javascript:z <a href=\"http://www.example.org\" "
        "rel=\"nofollow noopener noreferrer ugc\">www.example.org</a></p></li></ul></div>");
}

// What cmark-gfm needs seconds or gigabytes for: begin + unit, repeated up to the limit.
static const struct {
    const char *begin;
    const char *unit;
} costly_texts[] = {
    {"", "![[]()"},
    {"", "[a]("},
    {"", "["},
    {"", "a@b."},
    {"", "<?"},
    {"a", "<!--"},
    {"www.a", ")"},
    {"", "> \n> \n"},
    {">>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>> a\n", "b\n"},
    {"", ">"},
    {"", "- "},
    {"a\na\n", "|-|\n"},
    {"|a|b|c|d|\n|-|-|-|-|\n", "|\n"},
    {"[a]: /x \"", "title [a]\n"},
};

static char *repeat(struct arena *arena, const char *begin, const char *unit, size_t bytes) {
    char *text = arena_alloc(arena, bytes + 1);
    size_t len = strlen(begin);
    memcpy(text, begin, len);
    while (len < bytes) {
        size_t taken = strlen(unit) < bytes - len ? strlen(unit) : bytes - len;
        memcpy(text + len, unit, taken);
        len += taken;
    }
    text[len] = '\0';
    return text;
}

static void test_costly_markdown_is_shown_as_it_stands(void **state) {
    struct writing *writing = *state;
    for (size_t i = 0; i < sizeof costly_texts / sizeof *costly_texts; i++) {
        html_done(&writing->html);
        html_init(&writing->html, writing->arena, 1024 * 1024);
        markdown_add(
            &writing->html,
            repeat(writing->arena, costly_texts[i].begin, costly_texts[i].unit, MARKDOWN_BYTES_MAX),
            "text/markdown");
        const char *page = finish(writing);
        if (!strstr(page, "<div class=\"readme plain\">") || !strstr(page, "as plain text")) {
            fail_msg("formatted: %s%s…", costly_texts[i].begin, costly_texts[i].unit);
        }
    }
}

static void test_long_ordinary_markdown_is_formatted(void **state) {
    static const char unit[] = "## A [link](https://example.org/a) ##\n\nText with *emphasis*, "
                               "`code` and [another](https://example.org) one.\n\n"
                               "| a | b |\n|---|---|\n| 1 | 2 |\n\n> - a\n>   - b\n\n";
    struct writing *writing = *state;
    markdown_add(&writing->html, repeat(writing->arena, "", unit, MARKDOWN_BYTES_MAX),
                 "text/markdown");
    const char *page = finish(writing);
    assert_non_null(strstr(page, "<div class=\"readme\"><h4>"));
    assert_null(strstr(page, "as plain text"));
}

static void test_other_descriptions_stand_as_they_are(void **state) {
    struct writing *writing = *state;
    markdown_add(&writing->html, "*x* <b>", NULL);
    assert_string_equal(finish(writing), "<div class=\"readme plain\">*x* &lt;b&gt;</div>");
}

static void test_deep_markdown_closes_what_it_opens(void **state) {
    struct writing *writing = *state;
    char deep[4001];
    for (size_t i = 0; i < sizeof deep - 1; i += 2) {
        deep[i] = i % 4 ? '-' : '>';
        deep[i + 1] = ' ';
    }
    deep[sizeof deep - 1] = '\0';
    markdown_add(&writing->html, deep, "text/markdown");
    assert_non_null(finish(writing));
}

static void test_long_descriptions_are_cut_at_a_character(void **state) {
    struct writing *writing = *state;
    char *text = arena_alloc(writing->arena, MARKDOWN_BYTES_MAX + 8);
    memset(text, 'a', MARKDOWN_BYTES_MAX - 2);
    memcpy(text + MARKDOWN_BYTES_MAX - 2, "中.", 5);
    markdown_add(&writing->html, text, "text/plain");
    const char *page = finish(writing);
    assert_null(strstr(page, "\xe4"));
    assert_non_null(strstr(page, "The description is cut here"));
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
        cmocka_unit_test_setup_teardown(test_markdown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_markdown_as_on_github, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_costly_markdown_is_shown_as_it_stands, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_long_ordinary_markdown_is_formatted, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_other_descriptions_stand_as_they_are, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_deep_markdown_closes_what_it_opens, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_descriptions_are_cut_at_a_character, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
