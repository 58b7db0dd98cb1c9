// SPDX-License-Identifier: MIT
// A table of tags and what each becomes. Reading is one pass: "<" begins a tag, a comment, or is text. A tag opens an
// element once and is closed once, at the latest with its paragraph, so that the list of commands stays balanced
// whatever a README forgets.
#include "registryd/readme/tags.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <stdio.h>

enum tag_kind {
    TAG_INLINE, // an element
    TAG_BREAK,  // <br>
    TAG_RULE,   // <hr>
    TAG_IMAGE,
    TAG_LINK,
    TAG_BLOCK,   // its text is a paragraph
    TAG_HEADING, // likewise, a heading
    TAG_POINT,   // likewise, one of a list
    TAG_FRAME,   // left out
};

static const struct known_tag {
    const char *name;
    enum tag_kind kind;
    enum markup_element element;
} known_tags[] = {
    {"b", TAG_INLINE, MARKUP_STRONG},
    {"strong", TAG_INLINE, MARKUP_STRONG},
    {"i", TAG_INLINE, MARKUP_EMPHASIS},
    {"em", TAG_INLINE, MARKUP_EMPHASIS},
    {"code", TAG_INLINE, MARKUP_CODE},
    {"tt", TAG_INLINE, MARKUP_CODE},
    {"kbd", TAG_INLINE, MARKUP_KEY},
    {"sup", TAG_INLINE, MARKUP_RAISED},
    {"sub", TAG_INLINE, MARKUP_LOWERED},
    {"del", TAG_INLINE, MARKUP_DELETED},
    {"s", TAG_INLINE, MARKUP_DELETED},
    {"br", TAG_BREAK, MARKUP_BREAK},
    {"hr", TAG_RULE, MARKUP_RULE},
    {"img", TAG_IMAGE, MARKUP_IMAGE},
    {"a", TAG_LINK, MARKUP_LINK},
    {"p", TAG_BLOCK, MARKUP_PARAGRAPH},
    {"div", TAG_BLOCK, MARKUP_PARAGRAPH},
    {"center", TAG_BLOCK, MARKUP_PARAGRAPH},
    {"details", TAG_BLOCK, MARKUP_PARAGRAPH},
    {"summary", TAG_BLOCK, MARKUP_PARAGRAPH},
    {"tr", TAG_BLOCK, MARKUP_PARAGRAPH},
    {"blockquote", TAG_BLOCK, MARKUP_PARAGRAPH},
    {"pre", TAG_BLOCK, MARKUP_PARAGRAPH},
    {"dt", TAG_BLOCK, MARKUP_PARAGRAPH},
    {"dd", TAG_BLOCK, MARKUP_PARAGRAPH},
    {"h1", TAG_HEADING, MARKUP_HEADING_1},
    {"h2", TAG_HEADING, MARKUP_HEADING_2},
    {"h3", TAG_HEADING, MARKUP_HEADING_3},
    {"h4", TAG_HEADING, MARKUP_HEADING_4},
    {"h5", TAG_HEADING, MARKUP_HEADING_4},
    {"h6", TAG_HEADING, MARKUP_HEADING_4},
    {"li", TAG_POINT, MARKUP_PARAGRAPH},
    {"ul", TAG_BLOCK, MARKUP_PARAGRAPH},
    {"ol", TAG_BLOCK, MARKUP_PARAGRAPH},
    {"dl", TAG_FRAME, MARKUP_PARAGRAPH},
    {"table", TAG_BLOCK, MARKUP_PARAGRAPH},
    {"thead", TAG_FRAME, MARKUP_PARAGRAPH},
    {"tbody", TAG_FRAME, MARKUP_PARAGRAPH},
    {"td", TAG_FRAME, MARKUP_PARAGRAPH},
    {"th", TAG_FRAME, MARKUP_PARAGRAPH},
    {"span", TAG_FRAME, MARKUP_PARAGRAPH},
    {"font", TAG_FRAME, MARKUP_PARAGRAPH},
    {"picture", TAG_FRAME, MARKUP_PARAGRAPH},
    {"source", TAG_FRAME, MARKUP_PARAGRAPH},
    {"section", TAG_BLOCK, MARKUP_PARAGRAPH},
    {"small", TAG_FRAME, MARKUP_PARAGRAPH},
    {"u", TAG_FRAME, MARKUP_PARAGRAPH},
};

struct found_tag {
    const struct known_tag *tag;
    bool is_end;
    struct text inside; // its attributes
};

// A block of HTML while it is read: a paragraph begins with the first text in it.
struct html_block {
    struct html_tags tags;
    enum markup_element element; // of the paragraph that text begins
    bool is_open;                // a paragraph
    bool is_point;
};

// ---- text ----

// "&amp;" and its few relatives; how many bytes of `text` they take, 0 for none.
static size_t entity_at(struct text text, char out[8]) {
    static const char *const entities[][2] = {{"&amp;", "&"},   {"&lt;", "<"},    {"&gt;", ">"},
                                              {"&quot;", "\""}, {"&#39;", "'"},   {"&nbsp;", " "},
                                              {"&copy;", "©"},  {"&mdash;", "—"}, {"&ndash;", "–"},
                                              {"&bull;", "•"},  {"&rarr;", "→"}};
    for (size_t i = 0; i < COUNT_OF(entities); i++) {
        size_t len = strlen(entities[i][0]);
        if (text.len >= len && memcmp(text.ptr, entities[i][0], len) == 0) {
            snprintf(out, 8, "%s", entities[i][1]);
            return len;
        }
    }
    return 0;
}

static void add_decoded(struct buffer *out, struct text text) {
    for (size_t i = 0; i < text.len;) {
        char decoded[8];
        struct text rest = {text.ptr + i, text.len - i};
        size_t taken = *rest.ptr == '&' ? entity_at(rest, decoded) : 0;
        if (taken) {
            buffer_add_string(out, decoded);
        } else {
            buffer_add(out, rest.ptr, 1);
        }
        i += taken ? taken : 1;
    }
}

static void add_text(struct markup *markup, struct text text) {
    scoped(buffer_done) struct buffer decoded;
    buffer_init(&decoded, MARKUP_BYTES_MAX);
    add_decoded(&decoded, text);
    markup_text(markup, (struct text){decoded.ptr, decoded.len});
}

// ---- tags ----

enum { TAG_BYTES_MAX = 4096 }; // so that many tags without an end take no square time

// Behind the tag that begins at `html`; 0 when it has no end. A ">" within quotes is none.
static size_t end_of_tag(struct text html) {
    char quote = '\0';
    for (size_t i = 1; i < html.len && i < TAG_BYTES_MAX; i++) {
        char c = html.ptr[i];
        if (quote) {
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>') {
            return i + 1;
        }
    }
    return 0;
}

static bool find_tag(struct text html, struct found_tag *ret_found) {
    size_t begin = 1 + (html.len > 1 && html.ptr[1] == '/');
    size_t end = begin;
    while (end < html.len && is_alnum(html.ptr[end])) {
        end++;
    }
    for (size_t i = 0; i < COUNT_OF(known_tags); i++) {
        if (text_equals_nocase((struct text){html.ptr + begin, end - begin}, known_tags[i].name)) {
            *ret_found = (struct found_tag){
                &known_tags[i], begin == 2, {html.ptr + end, html.len - end - 1}};
            return true;
        }
    }
    return false;
}

// The value of an attribute, between its quotes or up to a blank.
static struct text attribute_of(struct text inside, const char *name) {
    size_t len = strlen(name);
    for (size_t i = 0; i + len < inside.len; i++) {
        bool begins = i == 0 || is_space(inside.ptr[i - 1]) || inside.ptr[i - 1] == '"';
        struct text word = {inside.ptr + i, len};
        if (!begins || inside.ptr[i + len] != '=' || !text_equals_nocase(word, name)) {
            continue;
        }
        struct text value = {inside.ptr + i + len + 1, inside.len - i - len - 1};
        bool is_quoted = value.len && (value.ptr[0] == '"' || value.ptr[0] == '\'');
        const char *end = is_quoted ? memchr(value.ptr + 1, value.ptr[0], value.len - 1) : NULL;
        size_t word_len = 0;
        while (word_len < value.len && !is_space(value.ptr[word_len])) {
            word_len++;
        }
        return end ? (struct text){value.ptr + 1, (size_t)(end - value.ptr) - 1}
                   : (struct text){value.ptr, word_len};
    }
    return (struct text){0};
}

static void add_address(struct markup *markup, struct text value) {
    scoped(buffer_done) struct buffer decoded;
    buffer_init(&decoded, MARKUP_BYTES_MAX);
    add_decoded(&decoded, value);
    const struct text address = {decoded.ptr, decoded.len};
    if (address.len > 1 && address.ptr[0] == '#') {
        markup_attribute(markup, MARKUP_ANCHOR, (struct text){address.ptr + 1, address.len - 1});
    } else if (address.len) {
        markup_attribute(markup, MARKUP_ADDRESS, address);
    }
}

static void add_image(struct markup *markup, struct text inside) {
    struct text shown = attribute_of(inside, "alt");
    markup_open(markup, MARKUP_IMAGE);
    add_address(markup, attribute_of(inside, "src"));
    add_text(markup, shown.len ? shown : text_from("picture"));
    markup_close(markup);
}

static void open_tag(struct html_tags *tags, const struct found_tag *found) {
    if (tags->count == TAGS_OPEN_MAX) {
        return;
    }
    tags->names[tags->count++] = (unsigned)(found->tag - known_tags);
    markup_open(tags->markup, found->tag->element);
    if (found->tag->kind == TAG_LINK) {
        add_address(tags->markup, attribute_of(found->inside, "href"));
    }
}

// An end that fits nothing is left out.
static void close_tag(struct html_tags *tags, const struct found_tag *found) {
    if (tags->count && tags->names[tags->count - 1] == (unsigned)(found->tag - known_tags)) {
        tags->count--;
        markup_close(tags->markup);
    }
}

void tags_end(struct html_tags *tags) {
    for (; tags->count; tags->count--) {
        markup_close(tags->markup);
    }
}

static void add_tag(struct html_tags *tags, const struct found_tag *found) {
    switch (found->tag->kind) {
    case TAG_INLINE:
    case TAG_LINK:
        if (found->is_end) {
            close_tag(tags, found);
        } else {
            open_tag(tags, found);
        }
        break;
    case TAG_BREAK:
        markup_element(tags->markup, MARKUP_BREAK, (struct text){0});
        break;
    case TAG_IMAGE:
        add_image(tags->markup, found->inside);
        break;
    default:
        break;
    }
}

static bool is_comment(struct text html) {
    return html.len >= 4 && memcmp(html.ptr, "<!--", 4) == 0;
}

void tags_add_inline(struct html_tags *tags, struct text html) {
    struct found_tag found;
    if (is_comment(html)) {
        return;
    }
    if (html.len > 2 && find_tag(html, &found)) {
        add_tag(tags, &found);
    } else {
        markup_text(tags->markup, html);
    }
}

// ---- blocks ----

static void end_paragraph(struct html_block *block) {
    tags_end(&block->tags);
    if (block->is_open) {
        markup_close(block->tags.markup);
    }
    block->is_open = false;
}

static void begin_paragraph(struct html_block *block) {
    if (!block->is_open) {
        markup_open(block->tags.markup, block->element);
        markup_text(block->tags.markup, text_from(block->is_point ? "• " : NULL));
    }
    block->is_open = true;
    block->is_point = false;
}

static void add_block_text(struct html_block *block, struct text text) {
    if (block->is_open || text_trim(text).len) {
        begin_paragraph(block);
        add_text(block->tags.markup, text);
    }
}

static void add_block_tag(struct html_block *block, const struct found_tag *found) {
    enum tag_kind kind = found->tag->kind;
    if (kind == TAG_FRAME) {
        add_block_text(block, text_from(" "));
    } else if (kind == TAG_BLOCK || kind == TAG_HEADING || kind == TAG_POINT) {
        end_paragraph(block);
        block->element = found->is_end ? MARKUP_PARAGRAPH : found->tag->element;
        block->is_point = kind == TAG_POINT && !found->is_end;
    } else if (kind == TAG_RULE) {
        end_paragraph(block);
        markup_element(block->tags.markup, MARKUP_RULE, (struct text){0});
    } else if (!found->is_end || block->tags.count) {
        begin_paragraph(block);
        add_tag(&block->tags, found);
    }
}

// The tag, the comment or the text that the rest begins with; how long it is.
static size_t add_next(struct html_block *block, struct text rest, bool has_ends) {
    struct found_tag found;
    size_t end = rest.ptr[0] == '<' && has_ends ? end_of_tag(rest) : 0;
    if (is_comment(rest)) {
        const char *behind = memmem(rest.ptr, rest.len, "-->", 3);
        return behind ? (size_t)(behind - rest.ptr) + 3 : rest.len;
    }
    if (end > 2 && find_tag((struct text){rest.ptr, end}, &found)) {
        add_block_tag(block, &found);
        return end;
    }
    const char *next = rest.len > 1 ? memchr(rest.ptr + 1, '<', rest.len - 1) : NULL;
    size_t len = next ? (size_t)(next - rest.ptr) : rest.len;
    add_block_text(block, (struct text){rest.ptr, len});
    return len;
}

// Where no ">" follows, no tag ends, and no end is sought.
void tags_add_block(struct markup *markup, struct text html) {
    struct html_block block = {.tags = {.markup = markup}, .element = MARKUP_PARAGRAPH};
    const char *last = html.len ? memrchr(html.ptr, '>', html.len) : NULL;
    for (size_t at = 0; at < html.len;) {
        struct text rest = {html.ptr + at, html.len - at};
        at += add_next(&block, rest, last && rest.ptr < last);
    }
    end_paragraph(&block);
}
