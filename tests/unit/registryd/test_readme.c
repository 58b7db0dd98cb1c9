// SPDX-License-Identifier: MIT
// Descriptions and files as pages: what a stranger wrote becomes a list of commands, and the list becomes HTML of ours.
#include "registryd/readme/readme.h"
#include "registryd/web/frame/markup_show.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { DOCTYPE_LENGTH = 16 }; // "<!DOCTYPE html>\n"

#define REL " rel=\"nofollow noopener noreferrer ugc\""

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

static void add(struct writing *writing, const char *text, const char *type) {
    static const struct image_hosts hosts = {.list = "img.example.org, cdn.example.org:8443"};
    struct markup markup;
    markup_init(&markup, MARKUP_BYTES_MAX);
    readme_add(&markup, text_from(text), text_from(type));
    assert_int_equal(markup.depth, 0);
    markup_show(&writing->html, (struct text){markup.out.ptr, markup.out.len}, &hosts);
    markup_done(&markup);
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

// A text and what its page has within <div class="readme">.
static const struct {
    const char *text;
    const char *shown;
} pages[] = {
    {"# A, b!\n", "<h3 id=\"readme-a-b\">A, b!<a class=\"anchor\" href=\"#readme-a-b\" "
                  "aria-label=\"Link to this heading\">#</a></h3>"},
    {"*x* [l](https://example.org) [j](javascript:x)",
     "<p><em>x</em> <a href=\"https://example.org\"" REL ">l</a> <span>j</span></p>"},
    {"<script>1</script>\n", "<p>&lt;script&gt;1&lt;/script&gt;</p>"},
    {"a <script>1</script>", "<p>a &lt;script&gt;1&lt;/script&gt;</p>"},
    {"a <b>c", "<p>a <strong>c</strong></p>"},
    {"[x](#usage)", "<p><a href=\"#readme-usage\">x</a></p>"},
    {"[](https://example.org)",
     "<p><a href=\"https://example.org\"" REL ">https://example.org</a></p>"},
    {"- [x] done\n- [ ] open\n", "<ul><li>☑ done</li><li>☐ open</li></ul>"},
    {"- a\n\n- b\n", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"},
    {"3. a\n4. b\n", "<ol start=\"3\"><li>a</li><li>b</li></ol>"},
    {"| a | b |\n|:--|--:|\n| ~~x~~ | www.example.org |\n",
     "<div class=\"scroll\" tabindex=\"0\"><table><tr><th>a</th><th class=\"right\">b</th></tr>"
     "<tr><td><del>x</del></td><td class=\"right\"><a href=\"http://www.example.org\"" REL
     ">www.example.org</a></td></tr></table></div>"},
    {"a[^1]\n\n[^1]: b\n",
     "<p>a<sup><a href=\"#readme-fn-1\">1</a></sup></p><div class=\"footnotes\"><ol>"
     "<li id=\"readme-fn-1\"><p>b</p></li></ol></div>"},
    {"```python\ndef f(): # x\n```\n",
     "<pre tabindex=\"0\"><code><span class=\"hl-keyword\">def</span> <span "
     "class=\"hl-name\">f</span>(): <span class=\"hl-comment\"># x</span></code></pre>"},
    {"```nothing\n<b>\n```\n", "<pre tabindex=\"0\"><code>&lt;b&gt;</code></pre>"},
    // Pictures: of an allowed host, of another, in a link, and of a host that only looks allowed.
    {"![p](https://img.example.org/p.png)",
     "<p><img src=\"https://img.example.org/p.png\" alt=\"p\" loading=\"lazy\" "
     "referrerpolicy=\"no-referrer\"></p>"},
    {"![p](https://cdn.example.org:8443/p?x)",
     "<p><img src=\"https://cdn.example.org:8443/p?x\" alt=\"p\" loading=\"lazy\" "
     "referrerpolicy=\"no-referrer\"></p>"},
    {"![p](https://example.org/p.png)",
     "<p><a href=\"https://example.org/p.png\"" REL ">p</a></p>"},
    {"[![p](https://a.example/p)](https://b.example)",
     "<p><a href=\"https://b.example\"" REL ">p</a></p>"},
    {"![p](https://img.example.org@a.example/p)",
     "<p><a href=\"https://img.example.org@a.example/p\"" REL ">p</a></p>"},
    {"![p](http://img.example.org/p)", "<p><a href=\"http://img.example.org/p\"" REL ">p</a></p>"},
    {"![p](data:image/svg+xml,x)", "<p><span>p</span></p>"},
    // HTML as READMEs have it.
    {"<p align=\"center\">\n<a href=\"https://a.example\"><img src=\"https://b.example/i\" "
     "alt=\"build\"></a>\n</p>\n",
     "<p><a href=\"https://a.example\"" REL ">build</a></p>"},
    {"<details><summary>More</summary>text<br>x &amp; y</details>\n",
     "<p>More</p><p>text<br>x &amp; y</p>"},
    {"<!-- hidden -->\n\nx<!-- y -->z", "<p>xz</p>"},
    {"<img src=x onerror=alert(1)>", "<p><span>picture</span></p>"},
    {"<a href=\"javascript:x\">y</a>", "<p><span>y</span></p>"},
    {"<iframe src=\"https://a.example\"></iframe>\n",
     "<p>&lt;iframe src=&quot;https://a.example&quot;&gt;&lt;/iframe&gt;</p>"},
};

static void test_pages(void **state) {
    struct writing *writing = *state;
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        html_done(&writing->html);
        html_init(&writing->html, writing->arena, 1024 * 1024);
        add(writing, pages[i].text, "text/markdown; variant=GFM");
        const char *wanted =
            arena_printf(writing->arena, "<div class=\"readme\">%s</div>", pages[i].shown);
        assert_string_equal(finish(writing), wanted);
    }
}

static void test_headings_of_one_name_have_places_of_their_own(void **state) {
    struct writing *writing = *state;
    add(writing, "# What's new?\n# What's new?\n## Über *uns*\n", "text/markdown");
    const char *page = finish(writing);
    assert_non_null(strstr(page, "id=\"readme-whats-new\""));
    assert_non_null(strstr(page, "id=\"readme-whats-new-1\""));
    assert_non_null(strstr(page, "id=\"readme-Über-uns\""));
}

static void test_restructured_text_has_its_headings(void **state) {
    struct writing *writing = *state;
    add(writing,
        "=====\nTitle\n=====\n\nA line\nand one.\n\n* a\n* b\n\nUsage\n-----\n\n.. code-block:: "
        "python\n\n   import x\n\nSo::\n\n  <y>\n\nEnd\n",
        "text/x-rst");
    const char *page = finish(writing);
    assert_non_null(strstr(page, "<h3 id=\"readme-title\">Title"));
    assert_non_null(strstr(page, "<p>A lineand one.</p>"));
    assert_non_null(strstr(page, "<p>• a</p>"));
    assert_non_null(strstr(page, "<h4 id=\"readme-usage\">Usage"));
    assert_non_null(strstr(page, "<span class=\"hl-keyword\">import</span> x</code></pre>"));
    assert_non_null(strstr(page, "<code>  &lt;y&gt;</code></pre>"));
    assert_non_null(strstr(page, "<p>End</p>"));
}

static const struct {
    const char *path;
    const char *text;
    const char *shown;
} files[] = {
    {"a/pyproject.toml", "[x]\nname = \"y\" # z",
     "[x]<span class=\"hl-name\">name</span> = <span class=\"hl-string\">&quot;y&quot;</span> "
     "<span class=\"hl-comment\"># z</span>"},
    {"a.json", "{\"a\": true}",
     "{<span class=\"hl-name\">&quot;a&quot;</span>: <span class=\"hl-keyword\">true</span>}"},
    {"a.sql", "SELECT 'x' -- y",
     "<span class=\"hl-keyword\">SELECT</span> <span class=\"hl-string\">&#39;x&#39;</span> <span "
     "class=\"hl-comment\">-- y</span>"},
    {"a.sh", "echo \"$x\" $HOME",
     "<span class=\"hl-keyword\">echo</span> <span class=\"hl-string\">&quot;$x&quot;</span> <span "
     "class=\"hl-name\">$HOME</span>"},
    {"a.c", "/* x */ int a = 1;",
     "<span class=\"hl-comment\">/* x */</span> <span class=\"hl-keyword\">int</span> a = <span "
     "class=\"hl-number\">1</span>;"},
    {"a.html", "<a b=\"c\">",
     "<span class=\"hl-keyword\">&lt;a</span> b=<span "
     "class=\"hl-string\">&quot;c&quot;</span><span "
     "class=\"hl-keyword\">&gt;</span>"},
    {"a.diff", "-x\n+y\n z",
     "<span class=\"hl-removed\">-x</span><span class=\"hl-added\">+y</span> z"},
    {"LICENSE", "if <x>", "if &lt;x&gt;"},
};

static void test_files_are_shown_in_colours(void **state) {
    struct writing *writing = *state;
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct markup markup;
        html_done(&writing->html);
        html_init(&writing->html, writing->arena, 1024 * 1024);
        markup_init(&markup, MARKUP_BYTES_MAX);
        readme_add_file(&markup, text_from(files[i].path), text_from(files[i].text));
        markup_show(&writing->html, (struct text){markup.out.ptr, markup.out.len}, NULL);
        markup_done(&markup);
        const char *wanted = arena_printf(writing->arena, "<code>%s</code>", files[i].shown);
        const char *page = finish(writing);
        if (!strstr(page, wanted)) {
            fail_msg("%s: %s", files[i].path, page);
        }
    }
}

static void test_bytes_that_are_no_text_are_not_shown(void **state) {
    struct writing *writing = *state;
    struct markup markup;
    markup_init(&markup, MARKUP_BYTES_MAX);
    readme_add_file(&markup, text_from("a.so"),
                    (struct text){"\x7f"
                                  "ELF\0\xff",
                                  6});
    markup_show(&writing->html, (struct text){markup.out.ptr, markup.out.len}, NULL);
    markup_done(&markup);
    assert_non_null(strstr(finish(writing), "This file is not text"));
}

// What a helper that was taken over may send: the page stays whole.
static void test_a_list_that_no_helper_writes(void **state) {
    static const struct text lists[] = {
        {"\1\0\0\0\0\0", 6},   // closes what is not open
        {"\0\0\0\0\0\0", 6},   // opens and ends
        {"\0\xff\0\0\0\0", 6}, // no element
        {"\2\0\xff\xff\xff\xff"
         "x",
         7},                                            // too long
        {"\2\0\1\0\0\0\xff", 7},                        // no UTF-8
        {"\0\0\0\0\0\0\2\0\1\0\0\0x\3\2\1\0\0\0y", 20}, // an attribute too late
        {"\0\22\0\0\0\0\0\0\0\0\0\0", 12},              // an element in a picture
    };
    struct writing *writing = *state;
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        html_done(&writing->html);
        html_init(&writing->html, writing->arena, 1024 * 1024);
        markup_show(&writing->html, lists[i], NULL);
        assert_non_null(strstr(finish(writing), "<div class=\"readme\">"));
    }
}

// The page stays small whatever is in the text.
static void test_pages_are_bounded(void **state) {
    static const char *const units[] = {"<", "&", "\"", "*a*", "- a\n", "`a` ", "[a](http://b) "};
    struct writing *writing = *state;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        char *text = arena_alloc(writing->arena, README_BYTES_MAX + 1);
        size_t len = strlen(units[i]);
        for (size_t at = 0; at < README_BYTES_MAX; at++) {
            text[at] = units[i][at % len];
        }
        text[README_BYTES_MAX] = '\0';
        html_done(&writing->html);
        html_init(&writing->html, writing->arena, 1024 * 1024);
        add(writing, text, i % 2 ? "text/plain" : "text/markdown");
        size_t len_shown = strlen(finish(writing));
        if (len_shown > MARKUP_SHOWN_BYTES + 2048) {
            fail_msg("%s: %zu bytes", units[i], len_shown);
        }
    }
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
        add(writing,
            repeat(writing->arena, costly_texts[i].begin, costly_texts[i].unit, README_BYTES_MAX),
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
    add(writing, repeat(writing->arena, "", unit, README_BYTES_MAX), "text/markdown");
    const char *page = finish(writing);
    assert_non_null(strstr(page, "<div class=\"readme\"><h4 id="));
    assert_null(strstr(page, "as plain text"));
}

static void test_other_descriptions_stand_as_they_are(void **state) {
    struct writing *writing = *state;
    add(writing, "*x* <b>", NULL);
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
    add(writing, deep, "text/markdown");
    assert_non_null(finish(writing));
}

static void test_long_descriptions_are_cut_at_a_character(void **state) {
    struct writing *writing = *state;
    char *text = arena_alloc(writing->arena, README_BYTES_MAX + 8);
    memset(text, 'a', README_BYTES_MAX - 2);
    memcpy(text + README_BYTES_MAX - 2, "中.", 5);
    add(writing, text, "text/plain");
    const char *page = finish(writing);
    assert_null(strstr(page, "\xe4"));
    assert_non_null(strstr(page, "The text is cut here"));
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_headings_of_one_name_have_places_of_their_own, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_restructured_text_has_its_headings, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_files_are_shown_in_colours, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bytes_that_are_no_text_are_not_shown, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_list_that_no_helper_writes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pages_are_bounded, set_up, tear_down),
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
