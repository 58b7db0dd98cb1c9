// SPDX-License-Identifier: MIT
// A walk over cmark-gfm's tree: Markdown as on GitHub, with tables, strikethrough, task lists and bare
// addresses as links. Elements are opened and closed in pairs; below a certain depth they are left out,
// and their text stays. cmark ends the process when it gets no memory, and some short texts cost it
// seconds or gigabytes (ten thousand columns, fifty thousand brackets). It cannot be interrupted, so
// is_costly() counts first what such texts need many of; a text over a bound is shown as plain text.
#include "registryd/web/frame/markdown.h"

#include "schema/base/cleanup.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <pthread.h>
#include <stdio.h>
#include <strings.h>

enum { DEPTH_MAX = HTML_DEPTH_MAX - 16 };

CLEANUP_DEFINE(cmark_parser *, free_parser, cmark_parser_free)
CLEANUP_DEFINE(cmark_node *, free_node, cmark_node_free)
CLEANUP_DEFINE(cmark_iter *, free_iter, cmark_iter_free)

// ---- the cost, before parsing ----

// The bounds keep any text of 64 KiB below about ten times the time of an ordinary one.
enum {
    STEPS_MAX = 10000000,       // about a nanosecond each
    STEPS_OF_MARK = 400,        // "*", "_" and "~": matched with each other
    STEPS_OF_TABLE = 4000,      // a line of "|-" makes one, with its rows and cells
    CELLS_MAX = 50000,          // lines × "|" of the fullest one: short rows are filled up
    NESTING_MAX = 200,          // lists and quotes in each other: each inline climbs through all
    NESTED_LINES_MAX = 1000000, // lines × nesting: each line enters them all
    LINKED_BYTES_MAX = 2000000, // "[" × the longest link definition: copied into each link
};

struct paragraph { // what lies between two empty lines
    size_t lines;
    size_t bytes;
    size_t word;      // the longest one
    size_t brackets;  // "[": each may be matched with each
    size_t closing;   // ")": balanced at the end of a bare address
    size_t addresses; // ".", ":", "@": each may belong to an address that reaches to the word's end
    size_t openings;  // "<?", "<!": the end of each is sought up to the paragraph's end
    size_t delimiters; // lines of "|-": each may make a table of all lines before it
    size_t bars;       // of the line that has most
};

// Counted in one pass over the text, before cmark sees it.
struct cost {
    struct paragraph paragraph;
    size_t steps; // of the paragraphs before
    size_t cells;
    size_t lines;
    size_t marks; // a "~" takes as long as three others, an "@" as six
    size_t brackets;
    size_t nesting;        // of the deepest line
    size_t definition;     // of the definition that the line before belongs to; 0 = to none
    size_t definition_max; // bytes
};

// The next line, and the rest after it. Lines end as for cmark: "\n", "\r" or both.
static struct text next_line(struct text *rest) {
    size_t len = 0;
    while (len < rest->len && rest->ptr[len] != '\n' && rest->ptr[len] != '\r') {
        len++;
    }
    struct text line = {rest->ptr, len};
    size_t end = len + (len < rest->len);
    end += end < rest->len && rest->ptr[len] == '\r' && rest->ptr[end] == '\n';
    *rest = (struct text){rest->ptr + end, rest->len - end};
    return line;
}

// How deep in lists and quotes a line may stand, at most: its markers, and half of its indentation.
static size_t count_nesting(struct text line) {
    size_t markers = 0;
    size_t columns = 0;
    for (size_t i = 0; i < line.len && line.ptr[i] && strchr(" \t>*+-.)0123456789", line.ptr[i]);
         i++) {
        char next = i + 1 < line.len ? line.ptr[i + 1] : ' ';
        bool is_marker = strchr("*+-.)", line.ptr[i]) && (next == ' ' || next == '\t');
        markers += is_marker || line.ptr[i] == '>';
        columns += line.ptr[i] == '\t' ? 4 : line.ptr[i] == ' ';
    }
    return markers + columns / 2;
}

// Counts what the formatter's time depends on, without formatting: brackets and marks may each look
// for a partner through the rest of their paragraph.
static void count_line(struct cost *cost, struct text line) {
    struct paragraph *paragraph = &cost->paragraph;
    size_t bars = 1;
    size_t word = 0;
    bool is_delimiter = true;
    for (size_t i = 0; i < line.len; i++) {
        char c = line.ptr[i];
        char next = i + 1 < line.len ? line.ptr[i + 1] : ' ';
        paragraph->openings += c == '<' && (next == '?' || next == '!');
        paragraph->brackets += c == '[';
        paragraph->closing += c == ')';
        paragraph->addresses += c == '.' || c == ':' || c == '@';
        cost->marks += c == '@' ? 6 : c == '~' ? 3 : c == '*' || c == '_';
        cost->brackets += c == '[';
        bars += c == '|';
        word = c == ' ' || c == '\t' ? 0 : word + 1;
        paragraph->word = word > paragraph->word ? word : paragraph->word;
        is_delimiter = is_delimiter && c && strchr("|-: \t>", c);
    }
    paragraph->lines++;
    paragraph->bytes += line.len + 1;
    paragraph->delimiters += is_delimiter;
    paragraph->bars = bars > paragraph->bars ? bars : paragraph->bars;
}

// A definition, "[name]: address", goes on until the next one or an empty line.
static void measure_definition(struct cost *cost, struct text line) {
    bool begins = memmem(line.ptr, line.len, "]:", 2);
    if (begins) {
        cost->definition = line.len;
    } else if (cost->definition) {
        cost->definition += line.len + 1;
    }
    if (cost->definition > cost->definition_max) {
        cost->definition_max = cost->definition;
    }
}

// What cmark does with itself: brackets are matched with each other, addresses run to the end of their word,
// and a line of "|-" may turn all lines above it into a table.
static void end_paragraph(struct cost *cost) {
    const struct paragraph *ended = &cost->paragraph;
    cost->steps += ended->brackets * ended->brackets / 2 + 2 * ended->addresses * ended->word +
                   ended->closing * ended->word / 4 + ended->openings * ended->bytes / 4 +
                   ended->delimiters * (ended->bytes / 2 + STEPS_OF_TABLE);
    cost->cells += ended->delimiters ? ended->lines * ended->bars : 0;
    cost->paragraph = (struct paragraph){0};
    cost->definition = 0;
}

// The product of two counts each: either may be large alone, but together they take square time.
static bool is_costly(struct text text) {
    struct cost cost = {0};
    while (text.len) {
        struct text line = next_line(&text);
        size_t nesting = count_nesting(line);
        cost.lines++;
        cost.nesting = nesting > cost.nesting ? nesting : cost.nesting;
        if (text_trim(line).len) {
            count_line(&cost, line);
            measure_definition(&cost, line);
        } else {
            end_paragraph(&cost);
        }
    }
    end_paragraph(&cost);
    return cost.steps + cost.marks * STEPS_OF_MARK > STEPS_MAX || cost.cells > CELLS_MAX ||
           cost.nesting > NESTING_MAX || cost.lines * cost.nesting > NESTED_LINES_MAX ||
           cost.brackets * cost.definition_max > LINKED_BYTES_MAX;
}

// ---- writing ----

struct markdown_writer {
    struct html *html;
    size_t skipped; // containers too deep to be opened
    bool is_header; // the row is a table's first
};

// The page has h1 and h2 itself, so the text's first level is h3.
static const char *heading_of(cmark_node *node) {
    static const char *const headings[] = {"h3", "h4", "h5", "h6", "h6", "h6"};
    int level = cmark_node_get_heading_level(node);
    return headings[level >= 1 && level <= 6 ? level - 1 : 5];
}

static bool is_kind(cmark_node *node, const char *name) {
    return strcmp(cmark_node_get_type_string(node), name) == 0;
}

// The types of extensions are numbered at run time; their names are fixed.
static const char *extension_of(const struct markdown_writer *writing, cmark_node *node) {
    static const char *const elements[][2] = {{"table", "table"},
                                              {"table_header", "tr"},
                                              {"table_row", "tr"},
                                              {"strikethrough", "del"},
                                              {"tasklist", "li"}};
    if (is_kind(node, "table_cell")) {
        return writing->is_header ? "th" : "td";
    }
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++) {
        if (is_kind(node, elements[i][0])) {
            return elements[i][1];
        }
    }
    return NULL;
}

// The element of a node with something in it; NULL = none of its own.
static const char *container_of(const struct markdown_writer *writing, cmark_node *node) {
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
        return extension_of(writing, node);
    }
}

// Too deep: the element is left out and its text stays. The same count closes it again.
static void open_container(struct markdown_writer *writing, cmark_node *node, const char *element) {
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
    if (is_kind(node, "tasklist")) {
        html_text(html, cmark_gfm_extensions_get_tasklist_item_checked(node) ? "☑ " : "☐ ");
    }
}

static void close_container(struct markdown_writer *writing) {
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

// HTML in a description is shown as text: a description comes from a stranger.
static void add_leaf(struct markdown_writer *writing, cmark_node *node) {
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

// The iterator enters and leaves every node with children, so opening and closing are always paired.
static void write_tree(struct html *html, cmark_node *root) {
    scoped(free_iter) cmark_iter *iter = cmark_iter_new(root);
    struct markdown_writer writing = {.html = html};
    cmark_event_type event;
    while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(iter);
        writing.is_header =
            is_kind(node, "table_header") || (writing.is_header && !is_kind(node, "table_row"));
        const char *element = container_of(&writing, node);
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

static void register_extensions(void) {
    cmark_gfm_core_extensions_ensure_registered();
}

// Owned.
static cmark_node *parse(struct text text) {
    static const char *const extensions[] = {"table", "strikethrough", "autolink", "tasklist"};
    static pthread_once_t once = PTHREAD_ONCE_INIT; // cmark's own list of extensions has no lock
    pthread_once(&once, register_extensions);
    scoped(free_parser) cmark_parser *parser = cmark_parser_new(CMARK_OPT_VALIDATE_UTF8);
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++) {
        cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension(extensions[i]));
    }
    cmark_parser_feed(parser, text.ptr, text.len);
    return cmark_parser_finish(parser);
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

static void add_plain(struct html *html, struct text text) {
    html_open(html, "div.readme.plain");
    html_text_of(html, text);
    html_close(html);
}

static void add_formatted(struct html *html, struct text text) {
    scoped(free_node) cmark_node *root = parse(text);
    html_open(html, "div.readme");
    write_tree(html, root);
    html_close(html);
}

// Anyone who may publish writes descriptions, and anyone may ask for the page: a description must
// never cost seconds.
void markdown_add(struct html *html, const char *description, const char *content_type) {
    struct text text = {description, shown_length(description)};
    bool is_formatted = is_markdown(content_type);
    bool is_too_costly = is_formatted && is_costly(text);
    if (is_formatted && !is_too_costly) {
        add_formatted(html, text);
    } else {
        add_plain(html, text);
    }
    if (is_too_costly) {
        html_element(html, "p.dim",
                     "The description is shown as plain text because formatting it would take too "
                     "long.");
    }
    if (description[text.len]) {
        html_element(html, "p.dim",
                     "The description is cut here. The release document has the whole text.");
    }
}
