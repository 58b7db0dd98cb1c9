// SPDX-License-Identifier: MIT
// A walk over cmark-gfm's tree, which becomes a list of commands. Elements are opened and closed in pairs; below a
// certain depth markup.c leaves them out, and their text stays. HTML is a stranger's: tags.c reads the few tags that
// READMEs are made with, and no other gets through.
#include "registryd/readme/markdown.h"

#include "registryd/readme/highlight.h"
#include "registryd/readme/places.h"
#include "registryd/readme/tags.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

CLEANUP_DEFINE(cmark_parser *, free_parser, cmark_parser_free)
CLEANUP_DEFINE(cmark_node *, free_node, cmark_node_free)
CLEANUP_DEFINE(cmark_iter *, free_iter, cmark_iter_free)

struct markdown_writer {
    struct markup *markup;
    cmark_iter *iter;
    struct html_tags tags;
    struct heading_places *places; // owned; NULL: headings get no names
    bool is_header;                // the row is a table's first
    int column;                    // of the cell
    unsigned footnote;             // definitions so far
};

static bool is_kind(cmark_node *node, const char *name) {
    return strcmp(cmark_node_get_type_string(node), name) == 0;
}

// ---- what nodes become ----

static enum markup_element heading_of(cmark_node *node) {
    int level = cmark_node_get_heading_level(node);
    return level < 1 || level > 4 ? MARKUP_HEADING_4 : MARKUP_HEADING_1 + (unsigned)level - 1;
}

// The types of extensions are numbered at run time; their names are fixed.
static enum markup_element extension_of(const struct markdown_writer *writing, cmark_node *node) {
    static const struct {
        const char *name;
        enum markup_element element;
    } elements[] = {{"table", MARKUP_TABLE},
                    {"table_header", MARKUP_ROW},
                    {"table_row", MARKUP_ROW},
                    {"strikethrough", MARKUP_DELETED},
                    {"tasklist", MARKUP_ITEM}};
    if (is_kind(node, "table_cell")) {
        return writing->is_header ? MARKUP_HEAD_CELL : MARKUP_CELL;
    }
    for (size_t i = 0; i < COUNT_OF(elements); i++) {
        if (is_kind(node, elements[i].name)) {
            return elements[i].element;
        }
    }
    return MARKUP_ELEMENTS;
}

// The items of a tight list stand without paragraphs.
static bool is_tight(cmark_node *paragraph) {
    cmark_node *item = cmark_node_parent(paragraph);
    cmark_node *list = item ? cmark_node_parent(item) : NULL;
    return list && cmark_node_get_type(list) == CMARK_NODE_LIST && cmark_node_get_list_tight(list);
}

// The element of a node with something in it; MARKUP_ELEMENTS = none of its own.
static enum markup_element container_of(const struct markdown_writer *writing, cmark_node *node) {
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_BLOCK_QUOTE:
        return MARKUP_QUOTE;
    case CMARK_NODE_LIST:
        return cmark_node_get_list_type(node) == CMARK_ORDERED_LIST ? MARKUP_NUMBERS : MARKUP_LIST;
    case CMARK_NODE_ITEM:
    case CMARK_NODE_FOOTNOTE_DEFINITION:
        return MARKUP_ITEM;
    case CMARK_NODE_PARAGRAPH:
        return is_tight(node) ? MARKUP_ELEMENTS : MARKUP_PARAGRAPH;
    case CMARK_NODE_HEADING:
        return heading_of(node);
    case CMARK_NODE_EMPH:
        return MARKUP_EMPHASIS;
    case CMARK_NODE_STRONG:
        return MARKUP_STRONG;
    case CMARK_NODE_LINK:
        return MARKUP_LINK;
    default:
        return extension_of(writing, node);
    }
}

// ---- text of a node ----

// What stands in a heading, or in the place of a picture, without its formatting.
static void collect_text(cmark_node *root, struct buffer *out) {
    scoped(free_iter) cmark_iter *iter = cmark_iter_new(root);
    cmark_event_type event;
    while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(iter);
        cmark_node_type type = cmark_node_get_type(node);
        if (event == CMARK_EVENT_ENTER && (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)) {
            buffer_add_string(out, cmark_node_get_literal(node));
        } else if (event == CMARK_EVENT_ENTER && type == CMARK_NODE_SOFTBREAK) {
            buffer_add_string(out, " ");
        }
    }
}

static void name_heading(struct markdown_writer *writing, cmark_node *node) {
    char room[PLACE_BYTES + 16];
    scoped(buffer_done) struct buffer text;
    buffer_init(&text, MARKUP_BYTES_MAX);
    collect_text(node, &text);
    if (writing->places && text.len) {
        struct text name = places_add(writing->places, (struct text){text.ptr, text.len}, room);
        if (name.len) {
            markup_attribute(writing->markup, MARKUP_PLACE, name);
        }
    }
}

static void add_address(struct markup *markup, const char *address) {
    if (address && address[0] == '#' && address[1]) {
        markup_attribute(markup, MARKUP_ANCHOR, text_from(address + 1));
    } else if (address && address[0]) {
        markup_attribute(markup, MARKUP_ADDRESS, text_from(address));
    }
}

// Its description is text, whatever is in it, so the walk goes on behind it.
static void add_image(struct markdown_writer *writing, cmark_node *node) {
    scoped(buffer_done) struct buffer text;
    buffer_init(&text, MARKUP_BYTES_MAX);
    collect_text(node, &text);
    markup_open(writing->markup, MARKUP_IMAGE);
    add_address(writing->markup, cmark_node_get_url(node));
    markup_text(writing->markup,
                text.len ? (struct text){text.ptr, text.len} : text_from("picture"));
    markup_close(writing->markup);
    cmark_iter_reset(writing->iter, node, CMARK_EVENT_EXIT);
}

// ---- tables and footnotes ----

static void align_cell(struct markdown_writer *writing, cmark_node *node) {
    cmark_node *table = cmark_node_parent(cmark_node_parent(node));
    const uint8_t *alignments = cmark_gfm_extensions_get_table_alignments(table);
    int column = writing->column++;
    if (!alignments || column >= cmark_gfm_extensions_get_table_columns(table)) {
        return;
    }
    if (alignments[column] == 'r' || alignments[column] == 'c') {
        markup_attribute(writing->markup, alignments[column] == 'r' ? MARKUP_RIGHT : MARKUP_CENTER,
                         (struct text){0});
    }
}

static void add_reference(struct markup *markup, const char *number) {
    char place[32];
    snprintf(place, sizeof place, "fn-%s", number ? number : "");
    markup_open(markup, MARKUP_RAISED);
    markup_open(markup, MARKUP_LINK);
    markup_attribute(markup, MARKUP_ANCHOR, text_from(place));
    markup_text(markup, text_from(number));
    markup_close(markup);
    markup_close(markup);
}

// cmark moves all definitions to the end, in the order of their first references.
static void open_footnote(struct markdown_writer *writing) {
    char place[32];
    if (!writing->footnote++) {
        markup_open(writing->markup, MARKUP_FOOTNOTES);
    }
    snprintf(place, sizeof place, "fn-%u", writing->footnote);
    markup_open(writing->markup, MARKUP_ITEM);
    markup_attribute(writing->markup, MARKUP_PLACE, text_from(place));
}

// ---- the walk ----

static void open_container(struct markdown_writer *writing, cmark_node *node,
                           enum markup_element element) {
    struct markup *markup = writing->markup;
    if (cmark_node_get_type(node) == CMARK_NODE_FOOTNOTE_DEFINITION) {
        open_footnote(writing);
        return;
    }
    markup_open(markup, element);
    if (cmark_node_get_type(node) == CMARK_NODE_HEADING) {
        name_heading(writing, node);
    } else if (element == MARKUP_LINK) {
        add_address(markup, cmark_node_get_url(node));
    } else if (element == MARKUP_CELL || element == MARKUP_HEAD_CELL) {
        align_cell(writing, node);
    } else if (element == MARKUP_NUMBERS && cmark_node_get_list_start(node) > 1) {
        char start[16];
        snprintf(start, sizeof start, "%d", cmark_node_get_list_start(node));
        markup_attribute(markup, MARKUP_START, text_from(start));
    } else if (is_kind(node, "tasklist")) {
        markup_text(markup,
                    text_from(cmark_gfm_extensions_get_tasklist_item_checked(node) ? "☑ " : "☐ "));
    }
}

static void add_code_block(struct markup *markup, cmark_node *node) {
    const char *info = cmark_node_get_fence_info(node);
    markup_open(markup, MARKUP_BLOCK);
    highlight_add(markup, language_find(text_from(info)), text_from(cmark_node_get_literal(node)));
    markup_close(markup);
}

static void add_leaf(struct markdown_writer *writing, cmark_node *node) {
    struct markup *markup = writing->markup;
    const char *literal = cmark_node_get_literal(node);
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_TEXT:
        markup_text(markup, text_from(literal));
        break;
    case CMARK_NODE_HTML_INLINE:
        tags_add_inline(&writing->tags, text_from(literal));
        break;
    case CMARK_NODE_HTML_BLOCK:
        tags_add_block(markup, text_from(literal));
        break;
    case CMARK_NODE_CODE_BLOCK:
        add_code_block(markup, node);
        break;
    case CMARK_NODE_CODE:
        markup_element(markup, MARKUP_CODE, text_from(literal));
        break;
    case CMARK_NODE_SOFTBREAK:
        markup_text(markup, text_from("\n"));
        break;
    case CMARK_NODE_LINEBREAK:
        markup_element(markup, MARKUP_BREAK, (struct text){0});
        break;
    case CMARK_NODE_THEMATIC_BREAK:
        markup_element(markup, MARKUP_RULE, (struct text){0});
        break;
    case CMARK_NODE_FOOTNOTE_REFERENCE:
        add_reference(markup, literal);
        break;
    case CMARK_NODE_IMAGE:
        add_image(writing, node);
        break;
    default:
        break;
    }
}

static bool ends_inlines(cmark_node *node) {
    return cmark_node_get_type(node) == CMARK_NODE_PARAGRAPH ||
           cmark_node_get_type(node) == CMARK_NODE_HEADING || is_kind(node, "table_cell");
}

static void visit(struct markdown_writer *writing, cmark_node *node, bool is_entered) {
    bool is_row = is_kind(node, "table_row") || is_kind(node, "table_header");
    if (is_row) {
        writing->is_header = is_kind(node, "table_header");
        writing->column = 0;
    }
    enum markup_element element = container_of(writing, node);
    if (!is_entered && ends_inlines(node)) {
        tags_end(&writing->tags);
    }
    if (element == MARKUP_ELEMENTS && is_entered) {
        add_leaf(writing, node);
    } else if (element != MARKUP_ELEMENTS && is_entered) {
        open_container(writing, node, element);
    } else if (element != MARKUP_ELEMENTS) {
        markup_close(writing->markup);
    }
}

// The iterator enters and leaves every node with children, so opening and closing are always paired.
static void write_tree(struct markup *markup, cmark_node *root) {
    scoped(free_iter) cmark_iter *iter = cmark_iter_new(root);
    scoped(cleanup_memory) struct heading_places *places = calloc(1, sizeof *places);
    struct markdown_writer writing = {
        .markup = markup, .iter = iter, .tags = {.markup = markup}, .places = places};
    cmark_event_type event;
    while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
        visit(&writing, cmark_iter_get_node(iter), event == CMARK_EVENT_ENTER);
    }
    if (writing.footnote) {
        markup_close(markup);
    }
}

static void register_extensions(void) {
    cmark_gfm_core_extensions_ensure_registered();
}

// Owned.
static cmark_node *parse(struct text text) {
    static const char *const extensions[] = {"table", "strikethrough", "autolink", "tasklist"};
    static pthread_once_t once = PTHREAD_ONCE_INIT; // cmark's own list of extensions has no lock
    pthread_once(&once, register_extensions);
    scoped(free_parser) cmark_parser *parser =
        cmark_parser_new(CMARK_OPT_VALIDATE_UTF8 | CMARK_OPT_FOOTNOTES);
    for (size_t i = 0; i < COUNT_OF(extensions); i++) {
        cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension(extensions[i]));
    }
    cmark_parser_feed(parser, text.ptr, text.len);
    return cmark_parser_finish(parser);
}

void markdown_add(struct markup *markup, struct text text) {
    scoped(free_node) cmark_node *root = parse(text);
    write_tree(markup, root);
}
