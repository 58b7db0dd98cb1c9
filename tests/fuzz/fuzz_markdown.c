// SPDX-License-Identifier: MIT
// A package's description on its page. What must hold besides not crashing: the page is whole, nothing in
// it is markup but what we write, and links lead only where html_may_link allows.
#include "tests/fuzz/fuzz.h"

#include "registryd/readme/readme.h"
#include "registryd/web/frame/markup_show.h"
#include "schema/base/list.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_BYTES = 1 << 24 };

static const char *const elements[] = {
    "a",   "blockquote", "br",    "code", "del", "div", "em", "h3",  "h4",   "h5",
    "h6",  "hr",         "img",   "kbd",  "li",  "ol",  "p",  "pre", "span", "strong",
    "sub", "sup",        "table", "td",   "th",  "tr",  "ul", "wbr",
};

static bool is_ours(struct text name) {
    for (size_t i = 0; i < COUNT_OF(elements); i++) {
        if (text_equals(name, elements[i])) {
            return true;
        }
    }
    return false;
}

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static bool begins_as_allowed(struct text address) {
    static const char *const schemes[] = {"http://", "https://", "mailto:"};
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        size_t len = strlen(schemes[i]);
        if (address.len > len && strncasecmp(address.ptr, schemes[i], len) == 0) {
            return true;
        }
    }
    return false;
}

static bool text_begins(struct text text, const char *word) {
    size_t len = strlen(word);
    return text.len >= len && memcmp(text.ptr, word, len) == 0;
}

static void check_attribute(struct text name, struct text value) {
    if (text_equals(name, "href")) {
        must((value.len && value.ptr[0] == '#') || begins_as_allowed(value));
    } else if (text_equals(name, "src")) {
        must(text_begins(value, "https://img.example.org"));
    }
    must(name.len < 2 || memcmp(name.ptr, "on", 2) != 0);
}

// `name="value"`, one after the other; a value holds no quote.
static void check_attributes(struct text rest) {
    while (rest.len) {
        struct text name;
        struct text value;
        must(text_split(&rest, '=', &name) && rest.len && rest.ptr[0] == '"');
        rest = (struct text){rest.ptr + 1, rest.len - 1};
        const char *end = memchr(rest.ptr, '"', rest.len);
        must(end);
        value = (struct text){rest.ptr, (size_t)(end - rest.ptr)};
        rest = text_trim((struct text){end + 1, rest.len - value.len - 1});
        check_attribute(name, value);
    }
}

static void check_tag(struct text tag) {
    size_t slash = tag.len && tag.ptr[0] == '/';
    struct text rest = {tag.ptr + slash, tag.len - slash};
    struct text name = rest;
    text_split(&rest, ' ', &name);
    must(is_ours(name));
    check_attributes(rest);
}

static void check_page(struct text page) {
    while (page.len) {
        const char *begin = memchr(page.ptr, '<', page.len);
        if (!begin) {
            return;
        }
        const char *end = memchr(begin, '>', page.len - (size_t)(begin - page.ptr));
        must(end);
        check_tag((struct text){begin + 1, (size_t)(end - begin) - 1});
        page = (struct text){end + 1, page.len - (size_t)(end + 1 - page.ptr)};
    }
}

// A text as this type, and as a file of this name.
static void show(struct arena *arena, struct text text, const char *type, const char *path) {
    static const struct image_hosts hosts = {.list = "img.example.org"};
    struct markup markup;
    struct html html;
    struct text page;
    struct text doctype;
    markup_init(&markup, MARKUP_BYTES_MAX);
    html_init(&html, arena, PAGE_BYTES);
    if (path) {
        readme_add_file(&markup, text_from(path), text);
    } else {
        readme_add(&markup, text, text_from(type));
    }
    must(!markup.depth && !markup.skipped);
    markup_show(&html, (struct text){markup.out.ptr, markup.out.len}, &hosts);
    must(!html_finish(&html, &page, NULL));
    must(text_split(&page, '\n', &doctype));
    check_page(page);
    html_done(&html);
    // Any bytes are a list of commands for a daemon whose helper was taken over.
    html_init(&html, arena, PAGE_BYTES);
    markup_show(&html, text, &hosts);
    must(!html_finish(&html, &page, NULL));
    html_done(&html);
    markup_done(&markup);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    static const char *const files[] = {"a.py",   "a.sh",  "a.html", "a.diff",
                                        "a.toml", "a.sql", "a.c"};
    struct arena *arena = arena_new(0);
    const struct text text = {arena_copy(arena, bytes, len), len};
    show(arena, text, "text/markdown; charset=UTF-8", NULL);
    show(arena, text, "text/x-rst", NULL);
    show(arena, text, NULL, files[len % COUNT_OF(files)]);
    arena_free(arena);
    return 0;
}
