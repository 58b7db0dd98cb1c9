// SPDX-License-Identifier: MIT
// A package's description on its page. What must hold besides not crashing: the page is whole, nothing in
// it is markup but what we write, and links lead only where html_may_link allows.
#include "tests/fuzz/fuzz.h"

#include "registryd/web/frame/markdown.h"
#include "schema/base/list.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_BYTES = 1 << 24 };

static const char *const elements[] = {
    "a",  "blockquote", "br", "code", "del",  "div",    "em",    "h3", "h4", "h5", "h6", "hr",
    "li", "ol",         "p",  "pre",  "span", "strong", "table", "td", "th", "tr", "ul",
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

static void check_tag(struct text tag) {
    static const char href[] = " href=\"";
    size_t slash = tag.len && tag.ptr[0] == '/';
    struct text rest = {tag.ptr + slash, tag.len - slash};
    struct text name = rest;
    text_split(&rest, ' ', &name);
    must(is_ours(name));
    const char *at = memmem(tag.ptr, tag.len, href, sizeof href - 1);
    if (at) {
        at += sizeof href - 1;
        must(begins_as_allowed((struct text){at, tag.len - (size_t)(at - tag.ptr)}));
    }
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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct html html;
    struct text page;
    struct text doctype;
    const char *text = arena_copy(arena, bytes, len);
    html_init(&html, arena, PAGE_BYTES);
    if (text && utf8_is_valid((const char *)bytes, len)) {
        markdown_add(&html, text, "text/markdown; charset=UTF-8");
        must(!html_finish(&html, &page, NULL));
        must(text_split(&page, '\n', &doctype));
        check_page(page);
    }
    html_done(&html);
    arena_free(arena);
    return 0;
}
