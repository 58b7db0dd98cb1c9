// SPDX-License-Identifier: MIT
// The components of pages: moments in words at the edges of each unit, cells that carry their column, code that
// breaks between words only, and what asks before a change.
#include "registryd/web/frame/component.h"
#include "schema/base/list.h"
#include "schema/base/utc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

enum { DOCTYPE_LENGTH = 16, DAY_S = 86400 };

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

static void test_moments_in_words(void **state) {
    (void)state;
    static const struct {
        int64_t ago_s;
        const char *words;
    } rows[] = {
        {0, "just now"},
        {59, "just now"},
        {60, "1 minute ago"},
        {119, "1 minute ago"},
        {3599, "59 minutes ago"},
        {3600, "1 hour ago"},
        {DAY_S - 1, "23 hours ago"},
        {DAY_S, "1 day ago"},
        {29 * DAY_S, "29 days ago"},
        {30 * DAY_S, "1 month ago"},
        {364 * DAY_S, "12 months ago"},
        {365 * DAY_S, "1 year ago"},
        {800 * DAY_S, "2 years ago"},
        {-30, "in less than a minute"},
        {-60, "in 1 minute"},
        {-2 * DAY_S, "in 2 days"},
        {-253402300799, "in 8035 years"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char words[32];
        page_time_words(0, rows[i].ago_s * 1000, words, sizeof words);
        assert_string_equal(words, rows[i].words);
    }
}

static void test_a_moment_has_its_exact_one(void **state) {
    struct writing *writing = *state;
    char at[UTC_SIZE];
    html_open(&writing->html, "p");
    utc_write(((int64_t)time(NULL) - 3 * 3600) * 1000, at);
    page_time(&writing->html, at);
    page_time(&writing->html, NULL);
    page_time(&writing->html, "9000-12-31T09:30:01Z");
    page_moment(&writing->html, "2001-12-31T09:30:01.123456Z");
    page_time(&writing->html, "<never>");
    html_close(&writing->html);
    const char *page = finish(writing);
    char wanted[128];
    snprintf(wanted, sizeof wanted,
             "<p><time datetime=\"%s\" title=\"%.10s %.8s\">3 hours ago</time>–", at, at, at + 11);
    assert_memory_equal(page, wanted, strlen(wanted));
    assert_non_null(strstr(page, "title=\"in 69"));
    assert_non_null(strstr(page, ">9000-12-31 09:30</time>"));
    assert_non_null(strstr(page, "years ago\">2001-12-31 09:30</time>"));
    assert_non_null(strstr(page, "<time datetime=\"&lt;never&gt;\">&lt;never&gt;</time>"));
}

// Cells beyond the columns have no label, and neither has a table after the one that had.
static void test_cells_carry_their_column(void **state) {
    struct writing *writing = *state;
    {
        const char *const columns[] = {"Release", "", "State", NULL};
        page_open_table(&writing->html, "All", columns);
    }
    for (int row = 0; row < 2; row++) {
        html_open(&writing->html, "tr");
        html_open(&writing->html, "th");
        html_attribute(&writing->html, "scope", "row");
        html_close(&writing->html);
        for (int cell = 0; cell < 3; cell++) {
            page_cell(&writing->html, "x");
        }
        html_close(&writing->html);
    }
    page_close_table(&writing->html);
    html_element(&writing->html, "td", "free");
    const char *page = finish(writing);
    const char *row = "<tr><th data-label=\"Release\" scope=\"row\"></th><td>x</td><td "
                      "data-label=\"State\">x</td><td>x</td></tr>";
    const char *first = strstr(page, row);
    assert_non_null(first);
    assert_memory_equal(first + strlen(row), row, strlen(row));
    assert_non_null(strstr(page, "<td>free</td>"));
    assert_non_null(strstr(page, "<th scope=\"col\">Release</th>"));
}

static void test_code_breaks_between_words(void **state) {
    struct writing *writing = *state;
    html_element(&writing->html, "code", "a_b.c:<d>//e.");
    html_element(&writing->html, "code", NULL);
    assert_string_equal(finish(writing),
                        "<code>a_<wbr>b.<wbr>c:<wbr>&lt;d&gt;//<wbr>e.</code><code></code>");
}

static void test_an_empty_state_shows_the_next_command(void **state) {
    struct writing *writing = *state;
    page_empty(&writing->html, "No packages yet.", "Publish one:", "registryctl publish <PATH>");
    page_empty(&writing->html, "Nothing.", NULL, NULL);
    const char *page = finish(writing);
    assert_non_null(strstr(
        page, "<div class=\"empty\"><p>No packages yet.</p><p class=\"dim\">Publish one:</p>"));
    assert_non_null(strstr(page, "<code>registryctl publish &lt;PATH&gt;</code>"));
    assert_non_null(strstr(page, "<div class=\"empty\"><p>Nothing.</p></div>"));
}

static void test_figures_and_facets(void **state) {
    struct writing *writing = *state;
    page_open_figures(&writing->html, "Plugins");
    page_figure(&writing->html,
                &(struct page_figure){.number = "12", .label = "served", .address = "#gets"});
    page_figure(&writing->html,
                &(struct page_figure){.number = "1", .label = "withheld", .kind = "bad"});
    html_close(&writing->html);
    page_open_facet(&writing->html, "Group");
    page_facet(&writing->html, &(struct page_facet){"a", "/packages?group=a", 3, true});
    page_facet(&writing->html, &(struct page_facet){"b", "/packages?group=b", -1, false});
    page_close_facet(&writing->html);
    assert_string_equal(finish(writing),
                        "<ul class=\"figures\" aria-label=\"Plugins\"><li><a "
                        "href=\"#gets\"><strong>12</strong> <span>served"
                        "</span></a></li><li class=\"bad\"><span><strong>1</strong> "
                        "<span>withheld</span></span></li></ul>"
                        "<section class=\"facet\"><h2>Group</h2><ul><li><a "
                        "href=\"/packages?group=a\" aria-current=\"true\">a "
                        "<span class=\"count\">3</span></a></li><li><a "
                        "href=\"/packages?group=b\">b</a></li></ul></section>");
}

static void test_what_asks_before_a_change(void **state) {
    struct writing *writing = *state;
    struct page_context page = {.html = &writing->html, .arena = writing->arena, .form_token = "t"};
    static const char *const consequences[] = {"Hosts stop getting <1.3.0>.", NULL};
    struct page_confirm confirm = {.title = "Yank finance 1.3.0",
                                   .address = "/yank",
                                   .consequences = consequences,
                                   .action = "Yank",
                                   .command = "registryctl yank finance 1.3.0",
                                   .back = "/packages/finance",
                                   .is_destructive = true};
    page_open_confirm(&page, &confirm);
    page_close_confirm(&page, &confirm);
    const char *text = finish(writing);
    const char *const order[] = {
        "<section class=\"confirm destructive\"><h2>Yank finance 1.3.0</h2>",
        "<li>Hosts stop getting &lt;1.3.0&gt;.</li>",
        "action=\"/yank\"",
        "name=\"form_token\" value=\"t\"",
        "href=\"/packages/finance\">Cancel</a>",
        "<button class=\"danger\">Yank</button>",
        "<code>registryctl yank finance 1.3.0</code>"};
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        text = strstr(text, order[i]);
        assert_non_null(text);
    }
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments_in_words),
        cmocka_unit_test_setup_teardown(test_a_moment_has_its_exact_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cells_carry_their_column, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_code_breaks_between_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_empty_state_shows_the_next_command, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_figures_and_facets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_asks_before_a_change, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
