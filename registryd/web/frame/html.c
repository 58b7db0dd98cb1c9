// SPDX-License-Identifier: MIT
// The writer keeps a stack of open elements and one bit: whether the innermost start tag still takes attributes.
// The first text or child closes the tag. Calls that do not fit set is_broken instead of writing something
// wrong, and html_finish refuses the document; a page in production is thus whole or an error, never half.
// Characters that XML forbids are replaced, so that no parser sees another document than we wrote.
#include "registryd/web/frame/html.h"

#include "schema/base/cleanup.h"
#include "schema/base/error.h"
#include "schema/base/list.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

enum { ADDRESS_BYTES_MAX = 64 * 1024 };

static const char *const void_elements[] = {"br", "hr", "img", "input", "link", "meta", "wbr"};

void html_init(struct html *html, struct arena *arena, size_t max_bytes) {
    *html = (struct html){.arena = arena};
    buffer_init(&html->out, max_bytes);
    buffer_add_string(&html->out, "<!DOCTYPE html>\n");
}

void html_done(struct html *html) {
    buffer_done(&html->out);
}

// A page with an element left open is a fault of the program and answered as one: half a page could
// hide a form or show a button twice.
enum status html_finish(struct html *html, struct text *ret_text, struct error *err) {
    if (html->out.failed) {
        return fail(err, html->out.failed, NULL, "The page is too long");
    }
    if (html->depth || html->is_broken || html->in_tag) {
        return fail(err, STATUS_INTERNAL, NULL, "A page was left open at <%s>",
                    html->depth ? html->open[html->depth - 1] : "");
    }
    const char *copy = arena_copy(html->arena, html->out.ptr, html->out.len);
    if (!copy) {
        return fail_no_memory(err);
    }
    *ret_text = (struct text){copy, html->out.len};
    return STATUS_OK;
}

static void end_tag_head(struct html *html) {
    if (html->in_tag) {
        buffer_add(&html->out, ">", 1);
        html->in_tag = false;
    }
}

static size_t name_length(const char *element) {
    return strcspn(element, ".");
}

static bool is_void(const char *element) {
    for (size_t i = 0; i < COUNT_OF(void_elements); i++) {
        if (text_equals((struct text){element, name_length(element)}, void_elements[i])) {
            return true;
        }
    }
    return false;
}

// The style sheet shows the label before the cell where a table becomes a list.
static void label_cell(struct html *html, struct text element) {
    if (text_equals(element, "tr")) {
        html->cell = 0;
    } else if (text_equals(element, "th") || text_equals(element, "td")) {
        const char *label = html->labels[html->cell];
        html->cell += label ? 1 : 0;
        html_attribute(html, "data-label", label && *label ? label : NULL);
    }
}

// What a call writes, with the stack of open elements behind it:
//
//     html_open(html, "p.dim");                  <p class="dim"                      [p.dim]
//     html_attribute(html, "id", "a\"b");        <p class="dim" id="a&quot;b"        [p.dim]
//     html_text(html, "1 < 2");                  ...>1 &lt; 2                        [p.dim]
//     html_close(html);                          ...</p>                             []
//
// html_open keeps the pointer of `element`, not a copy: names are literals. Its classes follow the
// dots.
void html_open(struct html *html, const char *element) {
    end_tag_head(html);
    if (html->depth == HTML_DEPTH_MAX) {
        html->is_broken = true;
        return;
    }
    size_t len = name_length(element);
    buffer_add(&html->out, "<", 1);
    buffer_add(&html->out, element, len);
    if (element[len] == '.') {
        struct text classes = text_from(element + len + 1);
        struct text class;
        bool is_first = true;
        while (text_split(&classes, '.', &class)) {
            buffer_add_string(&html->out, is_first ? " class=\"" : " ");
            buffer_add(&html->out, class.ptr, class.len);
            is_first = false;
        }
        buffer_add(&html->out, "\"", 1);
    }
    html->open[html->depth++] = element;
    html->in_tag = true;
    if (html->labels) {
        label_cell(html, (struct text){element, len});
    }
}

void html_label_cells(struct html *html, const char *const *labels) {
    size_t count = 0;
    for (; labels && labels[count]; count++) {
    }
    const char **copy = labels ? arena_array(html->arena, count + 1, sizeof *copy) : NULL;
    for (size_t i = 0; copy && i < count; i++) {
        copy[i] = labels[i];
    }
    html->labels = copy;
    html->cell = 0;
}

void html_attribute(struct html *html, const char *name, const char *value) {
    if (!value) {
        return;
    }
    // An attribute after the first text would be text.
    html->is_broken |= !html->in_tag;
    buffer_add(&html->out, " ", 1);
    buffer_add_string(&html->out, name);
    buffer_add_string(&html->out, "=\"");
    buffer_add_markup(&html->out, text_from(value));
    buffer_add(&html->out, "\"", 1);
}

// Whether text goes into inline code. A <pre> keeps its lines.
static bool is_in_code(const struct html *html) {
    bool is_code =
        html->depth && text_equals((struct text){html->open[html->depth - 1],
                                                 name_length(html->open[html->depth - 1])},
                                   "code");
    for (size_t i = 0; is_code && i < html->depth; i++) {
        is_code = !text_equals((struct text){html->open[i], name_length(html->open[i])}, "pre");
    }
    return is_code;
}

// <wbr> marks where a line may break. Browsers know no such place in "acme_invoice.plugin:plugin", and would break
// within a word.
static void add_code(struct buffer *out, struct text text) {
    static const char marks[] = "./:_,@=&?";
    for (size_t at = 0; at < text.len;) {
        size_t end = at;
        while (end < text.len && !strchr(marks, text.ptr[end])) {
            end++;
        }
        while (end < text.len && strchr(marks, text.ptr[end])) {
            end++;
        }
        buffer_add_markup(out, (struct text){text.ptr + at, end - at});
        if (end < text.len) {
            buffer_add_string(out, "<wbr>");
        }
        at = end;
    }
}

// Bytes that are not UTF-8 are left out: a browser that repairs them could find markup in them.
void html_text_of(struct html *html, struct text text) {
    end_tag_head(html);
    if (!utf8_is_valid(text.ptr, text.len)) {
        return;
    }
    if (is_in_code(html)) {
        add_code(&html->out, text);
    } else {
        buffer_add_markup(&html->out, text);
    }
}

void html_text(struct html *html, const char *text) {
    if (text) {
        html_text_of(html, text_from(text));
    }
}

void html_printf(struct html *html, const char *format, ...) {
    scoped(cleanup_memory) char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int len = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (len < 0) {
        text = NULL;
        html->out.failed = STATUS_NO_MEMORY;
        return;
    }
    html_text(html, text);
}

void html_close(struct html *html) {
    end_tag_head(html);
    if (!html->depth) {
        html->is_broken = true;
        return;
    }
    const char *element = html->open[--html->depth];
    if (is_void(element)) {
        return;
    }
    buffer_add(&html->out, "</", 2);
    buffer_add(&html->out, element, name_length(element));
    // Lines break only near the root. Further in, white space would show between inline elements.
    buffer_add(&html->out, ">\n", html->depth < 4 ? 2 : 1);
}

void html_element(struct html *html, const char *element, const char *text) {
    html_open(html, element);
    html_text(html, text);
    html_close(html);
}

void html_link(struct html *html, const char *element, const char *address, const char *text) {
    // Behind a "/", browsers take "\\" for one more, and what follows for a host.
    bool is_ours = address && *address && strchr("/#?", *address) &&
                   (!address[1] || !strchr("/\\", address[1]));
    html_open(html, is_ours ? element : "span");
    html_attribute(html, "href", is_ours ? address : NULL);
    html_text(html, text);
    html_close(html);
}

// Links that publishers give. "javascript:" and "data:" would run code in the reader's session.
bool html_may_link(const char *address) {
    static const char *const schemes[] = {"https://", "http://", "mailto:"};
    for (size_t i = 0; address && i < COUNT_OF(schemes); i++) {
        size_t len = strlen(schemes[i]);
        if (strncasecmp(address, schemes[i], len) == 0 && address[len]) {
            // What a browser would drop from within an address has no place in one.
            return strcspn(address, " \t\r\n\"'<>\\") == strlen(address);
        }
    }
    return false;
}

// The address was written by a publisher. The page links it, but gives it no weight in search
// engines and no handle on this window.
void html_link_out(struct html *html, const char *address, const char *text) {
    bool may_link = html_may_link(address);
    html_open(html, may_link ? "a" : "span");
    if (may_link) {
        html_attribute(html, "href", address);
        html_attribute(html, "rel", "nofollow noopener noreferrer ugc");
    }
    html_text(html, text);
    html_close(html);
}

// ---- addresses of ours ----

// Everything but the unreserved characters of RFC 3986: a name is one segment whatever is in it.
static void add_encoded(struct buffer *out, const char *text) {
    static const char digits[] = "0123456789ABCDEF";
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (is_alnum(*text) || strchr("-._~", c)) {
            buffer_add(out, text, 1);
        } else {
            buffer_add(out, (char[]){'%', digits[c >> 4], digits[c & 15]}, 3);
        }
    }
}

void address_begin(struct address *address, struct arena *arena, const char *path) {
    *address = (struct address){.arena = arena};
    buffer_init(&address->out, ADDRESS_BYTES_MAX);
    buffer_add_string(&address->out, path);
}

void address_add_segment(struct address *address, const char *segment) {
    buffer_add(&address->out, "/", 1);
    add_encoded(&address->out, segment ? segment : "");
}

void address_add_query(struct address *address, const char *name, const char *value) {
    if (!value) {
        return;
    }
    buffer_add(&address->out, address->has_query ? "&" : "?", 1);
    buffer_add_string(&address->out, name);
    buffer_add(&address->out, "=", 1);
    add_encoded(&address->out, value);
    address->has_query = true;
}

// NULL when out of memory; html_link then shows the text without a link.
const char *address_end(struct address *address) {
    const char *copy =
        address->out.failed ? NULL : arena_copy(address->arena, address->out.ptr, address->out.len);
    buffer_done(&address->out);
    return copy;
}

const char *address_make(struct arena *arena, const char *path, const char *segment) {
    struct address address;
    address_begin(&address, arena, path);
    address_add_segment(&address, segment);
    return address_end(&address);
}
