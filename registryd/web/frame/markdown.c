// SPDX-License-Identifier: MIT
// A walk over cmark's tree. Elements are opened and closed in pairs; below a certain depth they are left
// out, and their text stays. cmark ends the process when it gets no memory, which is why it is given
// little to read.
#include "registryd/web/frame/markdown.h"

#include "schema/base/cleanup.h"

#include <cmark.h>
#include <stdio.h>
#include <strings.h>

enum { DEPTH_MAX = HTML_DEPTH_MAX - 16 };

CLEANUP_DEFINE(cmark_node *, free_node, cmark_node_free)
CLEANUP_DEFINE(cmark_iter *, free_iter, cmark_iter_free)

struct writing {
    struct html *html;
    size_t skipped; // containers too deep to be opened
};

static const char *heading_of(cmark_node *node) {
    static const char *const headings[] = {"h3", "h4", "h5", "h6", "h6", "h6"};
    int level = cmark_node_get_heading_level(node);
    return headings[level >= 1 && level <= 6 ? level - 1 : 5];
}

// The element of a node with something in it; NULL = none of its own.
static const char *container_of(cmark_node *node) {
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_BLOCK_QUOTE:
        return "blockquote";
    case CMARK_NODE_LIST:
        return cmark_node_get_list_type(node) == CMARK_ORDERED_LIST ? "ol" : "ul";
    case CMARK_NODE_ITEM:
        return "li";
    case CMARK_NODE_PARAGRAPH:
        return "p";
    case CMARK_NODE_HEADING:
        return heading_of(node);
    case CMARK_NODE_EMPH:
        return "em";
    case CMARK_NODE_STRONG:
        return "strong";
    case CMARK_NODE_LINK:
    case CMARK_NODE_IMAGE:
        return "a";
    default:
        return NULL;
    }
}

static void open_container(struct writing *writing, cmark_node *node, const char *element) {
    struct html *html = writing->html;
    if (writing->skipped || html->depth >= DEPTH_MAX) {
        writing->skipped++;
        return;
    }
    bool is_link = strcmp(element, "a") == 0;
    const char *address = is_link ? cmark_node_get_url(node) : NULL;
    bool may_link = html_may_link(address);
    html_open(html, is_link && !may_link ? "span" : element);
    if (may_link) {
        html_attribute(html, "href", address);
        html_attribute(html, "rel", "nofollow noopener noreferrer ugc");
    }
    if (cmark_node_get_type(node) == CMARK_NODE_IMAGE && !cmark_node_first_child(node)) {
        html_text(html, "picture");
    }
}

static void close_container(struct writing *writing) {
    if (writing->skipped) {
        writing->skipped--;
    } else {
        html_close(writing->html);
    }
}

static void add_code_block(struct html *html, const char *text) {
    html_open(html, "pre");
    html_attribute(html, "tabindex", "0");
    html_element(html, "code", text);
    html_close(html);
}

static void add_leaf(struct writing *writing, cmark_node *node) {
    struct html *html = writing->html;
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_TEXT:
    case CMARK_NODE_HTML_INLINE:
        html_text(html, cmark_node_get_literal(node));
        break;
    case CMARK_NODE_HTML_BLOCK:
    case CMARK_NODE_CODE_BLOCK:
        add_code_block(html, cmark_node_get_literal(node));
        break;
    case CMARK_NODE_CODE:
        html_element(html, "code", cmark_node_get_literal(node));
        break;
    case CMARK_NODE_SOFTBREAK:
        html_text(html, "\n");
        break;
    case CMARK_NODE_LINEBREAK:
        html_element(html, "br", NULL);
        break;
    case CMARK_NODE_THEMATIC_BREAK:
        html_element(html, "hr", NULL);
        break;
    default:
        break;
    }
}

static void write_tree(struct html *html, cmark_node *root) {
    scoped(free_iter) cmark_iter *iter = cmark_iter_new(root);
    struct writing writing = {.html = html};
    cmark_event_type event;
    while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(iter);
        const char *element = container_of(node);
        if (!element) {
            if (event == CMARK_EVENT_ENTER) {
                add_leaf(&writing, node);
            }
        } else if (event == CMARK_EVENT_ENTER) {
            open_container(&writing, node, element);
        } else {
            close_container(&writing);
        }
    }
}

static bool is_markdown(const char *content_type) {
    return content_type && strncasecmp(content_type, "text/markdown", 13) == 0;
}

// The length up to which it is shown: not within a character.
static size_t shown_length(const char *text) {
    size_t len = strnlen(text, MARKDOWN_BYTES_MAX);
    bool is_cut = text[len] != '\0';
    while (is_cut && len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80) {
        len--;
    }
    return len;
}

void markdown_add(struct html *html, const char *description, const char *content_type) {
    size_t len = shown_length(description);
    if (is_markdown(content_type)) {
        scoped(free_node) cmark_node *root =
            cmark_parse_document(description, len, CMARK_OPT_VALIDATE_UTF8);
        html_open(html, "div.readme");
        write_tree(html, root);
    } else {
        html_open(html, "div.readme.plain");
        html_text_of(html, (struct text){description, len});
    }
    html_close(html);
    if (description[len]) {
        html_element(html, "p.dim",
                     "The description is longer; the release document has all of it.");
    }
}
