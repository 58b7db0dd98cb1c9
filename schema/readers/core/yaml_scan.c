// SPDX-License-Identifier: MIT
// One pass over a copy of the file, in which every text is ended by a NUL at its place: a node costs no copy.
// Every line is placed by its column in the stack of open blocks, as libyaml does with its indents:
//
//     nav:                 a key that waits for its value
//       - label: Home      deeper than the key: opens the list; deeper than the dash: opens a mapping
//         path: /          the column of `label`: the next key of that mapping
//     icon: box            closes both, since it stands in the column of `nav`
//
// The rule of this file is to give up whenever libyaml could see anything else: tabs, line breaks other than \n,
// a text that goes on in the next line, an indicator at the begin of a text. tests/fuzz/fuzz_yaml_scan.c and
// tests/reading/test_scanners.py compare the trees.
#include "schema/readers/core/yaml_scan.h"

#include "schema/base/limits.h"
#include "schema/base/text.h"
#include "schema/readers/core/yaml_scalar.h"

// What a byte may end. All bytes beyond ASCII are text but the ones that `SUSPECT` leads to.
enum {
    ENDS_LINE =
        1, // \n, the NUL behind the file, and what libyaml refuses or takes for a line break
    ENDS_PLAIN = 2,      // a text without quotes
    ENDS_FLOW = 4,       // the same between brackets
    ENDS_QUOTED = 8,     // a text in quotes
    BEGINS_NOTHING = 16, // an indicator: no text begins so
    SUSPECT = 32,        // the first byte of a character that may be a line break or a mark
};

#define LINE_END (ENDS_LINE | ENDS_PLAIN | ENDS_FLOW | ENDS_QUOTED | BEGINS_NOTHING)
#define FLOW_INDICATOR (ENDS_FLOW | BEGINS_NOTHING)
#define LEADS_TO_MARK (ENDS_LINE | ENDS_PLAIN | ENDS_FLOW | ENDS_QUOTED | SUSPECT)

static const unsigned char classes[256] = {
    [0 ... 31] = LINE_END,
    [127] = LINE_END,
    [' '] = BEGINS_NOTHING,
    [':'] = ENDS_PLAIN | FLOW_INDICATOR,
    ['#'] = ENDS_PLAIN | FLOW_INDICATOR,
    ['"'] = ENDS_QUOTED | FLOW_INDICATOR,
    ['\''] = ENDS_QUOTED | FLOW_INDICATOR,
    ['\\'] = ENDS_QUOTED,
    [','] = FLOW_INDICATOR,
    ['['] = FLOW_INDICATOR,
    [']'] = FLOW_INDICATOR,
    ['{'] = FLOW_INDICATOR,
    ['}'] = FLOW_INDICATOR,
    ['?'] = FLOW_INDICATOR,
    ['&'] = BEGINS_NOTHING,
    ['*'] = BEGINS_NOTHING,
    ['!'] = BEGINS_NOTHING,
    ['|'] = BEGINS_NOTHING,
    ['>'] = BEGINS_NOTHING,
    ['%'] = BEGINS_NOTHING,
    ['@'] = BEGINS_NOTHING,
    ['`'] = BEGINS_NOTHING,
    [0xc2] = LEADS_TO_MARK, // U+0080 to U+009F
    [0xe2] = LEADS_TO_MARK, // U+2028, U+2029
    [0xef] = LEADS_TO_MARK, // U+FEFF, U+FFFE, U+FFFF
};

// A list or a mapping that the next lines may go on with.
struct block {
    struct node *node;
    size_t column;
    bool indentless; // a list in the column of its key
};

struct yaml_scanning {
    struct arena *arena;
    struct node *root;
    size_t line;         // from 1
    size_t events;       // as yaml_parse_events counts them
    size_t depth;        // open blocks
    bool marked;         // "---" was read
    bool waiting;        // a key or a dash stands without its value
    const char *key;     // the one that waits; NULL for a dash
    size_t waiting_line; // of the key or the dash
    struct block open[LIMIT_YAML_DEPTH];
};

// A text as it was found; `end` may become its NUL once `after` is known.
struct piece {
    char *start;
    char *end;
    char *after; // the first byte behind it that is no space
    bool plain;
};

static unsigned class_of(char c) {
    return classes[(unsigned char)c];
}

// ---- pieces of a line ----

// Whether a suspicious character is text: libyaml breaks lines at U+0085, U+2028 and U+2029.
static bool is_shown(const unsigned char *c) {
    switch (c[0]) {
    case 0xc2:
        return c[1] >= 0xa0;
    case 0xe2:
        return c[1] != 0x80 || (c[2] != 0xa8 && c[2] != 0xa9);
    default:
        return !(c[1] == 0xbb && c[2] == 0xbf) && !(c[1] == 0xbf && c[2] >= 0xbe);
    }
}

// The first byte that has one of the classes.
static char *span(char *at, unsigned stops) {
    for (;;) {
        while (!(class_of(*at) & stops)) {
            at++;
        }
        if (!(class_of(*at) & SUSPECT) || !is_shown((const unsigned char *)at)) {
            return at;
        }
        at += 2;
    }
}

static char *skip_spaces(char *at) {
    while (*at == ' ') {
        at++;
    }
    return at;
}

static bool is_line_end(char c) {
    return c == '\n' || !c;
}

static bool is_blank(char c) {
    return c == ' ' || is_line_end(c);
}

static bool is_key_end(const char *at) {
    return at[0] == ':' && is_blank(at[1]);
}

static bool is_dash(const char *at) {
    return at[0] == '-' && is_blank(at[1]);
}

// The end of a line whose content is read: white space, and a comment. NULL when there is more.
static char *find_line_end(char *at) {
    at = skip_spaces(at);
    if (*at == '#') {
        at = span(at, ENDS_LINE);
    }
    return is_line_end(*at) ? at : NULL;
}

// Quotes within one line and without escapes.
static bool read_quoted(char *at, struct piece *ret_piece) {
    char quote = *at;
    char *end = at + 1;
    for (;;) {
        end = span(end, ENDS_QUOTED);
        if (*end == quote) {
            break;
        }
        if (*end != '"' && *end != '\'' && !(*end == '\\' && quote == '\'')) {
            return false;
        }
        end++;
    }
    char *after = skip_spaces(end + 1);
    *ret_piece = (struct piece){at + 1, end, after, false};
    return end[1] != quote && (*after != '#' || after > end + 1);
}

static bool begins_plain(const char *at) {
    return !(class_of(*at) & BEGINS_NOTHING) && !is_dash(at);
}

static char *end_of_text(const char *start, char *end) {
    while (end > start && end[-1] == ' ') {
        end--;
    }
    return end;
}

// "http://x#y" is one text: a colon ends it before white space, a number sign behind it.
static bool ends_plain(const char *at) {
    return *at == ':' ? is_blank(at[1]) : *at != '#' || at[-1] == ' ';
}

static bool read_plain(char *at, struct piece *ret_piece) {
    if (!begins_plain(at)) {
        return false;
    }
    char *after = at;
    while (!ends_plain(after = span(after, ENDS_PLAIN))) {
        after++;
    }
    *ret_piece = (struct piece){at, end_of_text(at, after), after, true};
    return after > at;
}

static bool read_piece(char *at, struct piece *ret_piece) {
    return *at == '"' || *at == '\'' ? read_quoted(at, ret_piece) : read_plain(at, ret_piece);
}

// Between brackets a colon is text only before a letter, a digit or a slash.
static bool goes_on_in_flow(const char *at) {
    return *at == ':' && (is_alnum(at[1]) || at[1] == '/');
}

static bool read_flow_piece(char *at, struct piece *ret_piece) {
    if (*at == '"' || *at == '\'') {
        return read_quoted(at, ret_piece);
    }
    if (!begins_plain(at) || (*at == '-' && !is_alnum(at[1]))) {
        return false;
    }
    char *after = at;
    while (goes_on_in_flow(after = span(after, ENDS_FLOW))) {
        after++;
    }
    *ret_piece = (struct piece){at, end_of_text(at, after), after, true};
    return after > at;
}

// ---- nodes ----

static struct block *top_of(struct yaml_scanning *scan) {
    return &scan->open[scan->depth - 1];
}

static bool is_counted(struct yaml_scanning *scan, size_t events) {
    scan->events += events;
    return scan->events <= LIMIT_YAML_EVENTS;
}

static bool add_scalar(struct yaml_scanning *scan, struct node *parent, const char *key,
                       const struct piece *piece) {
    if ((size_t)(piece->end - piece->start) > LIMIT_YAML_SCALAR_BYTES || !is_counted(scan, 1)) {
        return false;
    }
    struct node *node = node_add(scan->arena, parent, key, scan->line);
    if (!node) {
        return false;
    }
    *piece->end = '\0';
    node->type = NODE_STRING;
    node->string = piece->start;
    if (piece->plain) {
        yaml_type_scalar(node, piece->start);
    }
    return true;
}

// A simple key of libyaml has at most 1,024 characters. NULL when the key is none of ours.
static const char *take_key(struct yaml_scanning *scan, const struct node *table,
                            const struct piece *piece) {
    enum { MAX_KEY_BYTES = 1000 };
    if (piece->end - piece->start > MAX_KEY_BYTES || !is_counted(scan, 1)) {
        return NULL;
    }
    *piece->end = '\0';
    bool merges = strcmp(piece->start, "<<") == 0;
    return merges || node_find(table, piece->start) ? NULL : piece->start;
}

// The value of what waits.
static bool add_value(struct yaml_scanning *scan, const struct piece *piece) {
    scan->waiting = false;
    return add_scalar(scan, top_of(scan)->node, scan->key, piece);
}

static bool add_nothing(struct yaml_scanning *scan) {
    scan->waiting = false;
    struct node *node = node_add(scan->arena, top_of(scan)->node, scan->key, scan->waiting_line);
    if (node) {
        yaml_type_scalar(node, "");
    }
    return node && is_counted(scan, 1);
}

static struct node *add_collection(struct yaml_scanning *scan, enum node_type type) {
    struct node *parent = scan->depth ? top_of(scan)->node : NULL;
    if (scan->depth == LIMIT_YAML_DEPTH || !is_counted(scan, 2)) {
        return NULL;
    }
    struct node *node = node_add(scan->arena, parent, scan->key, scan->line);
    if (node) {
        node->type = type;
    }
    scan->waiting = false;
    scan->key = NULL;
    return node;
}

// ---- lists and mappings in brackets ----

// One item and the indicator behind it, which may become the NUL of its text.
static bool take_flow_item(struct yaml_scanning *scan, struct node *parent, char **at,
                           bool *ret_more) {
    struct piece piece;
    const char *key = NULL;
    bool is_table = parent->type == NODE_TABLE;
    if (!read_flow_piece(*at, &piece)) {
        return false;
    }
    if (is_table) {
        char *colon = piece.after;
        bool valued = colon[0] == ':' && colon[1] == ' ';
        if (!valued || !(key = take_key(scan, parent, &piece)) ||
            !read_flow_piece(skip_spaces(colon + 1), &piece)) {
            return false;
        }
    }
    char indicator = *piece.after;
    *ret_more = indicator == ',';
    *at = skip_spaces(piece.after + 1);
    return (*ret_more || indicator == (is_table ? '}' : ']')) &&
           add_scalar(scan, parent, key, &piece);
}

// "[a, b]" or "{a: b}" on one line. The end of the line, or NULL.
static char *take_flow(struct yaml_scanning *scan, char *at) {
    char close = *at == '[' ? ']' : '}';
    struct node *node = add_collection(scan, close == ']' ? NODE_LIST : NODE_TABLE);
    at = skip_spaces(at + 1);
    bool more = *at != close;
    at += !more;
    while (node && more) {
        if (!take_flow_item(scan, node, &at, &more)) {
            return NULL;
        }
    }
    return node ? find_line_end(at) : NULL;
}

// ---- lines ----

static bool open_block(struct yaml_scanning *scan, size_t column, bool dash, bool indentless) {
    struct node *node = add_collection(scan, dash ? NODE_LIST : NODE_TABLE);
    if (!node) {
        return false;
    }
    if (!scan->depth) {
        scan->root = node;
    }
    scan->open[scan->depth++] = (struct block){node, column, indentless};
    return true;
}

// Closes the blocks that a line in this column is behind.
static void close_blocks(struct yaml_scanning *scan, size_t column, bool dash) {
    while (scan->depth) {
        const struct block *top = top_of(scan);
        bool behind = top->column == column && top->indentless && !dash;
        if (top->column <= column && !behind) {
            return;
        }
        scan->depth--;
    }
}

// Makes the block of a dash or a key in this column the innermost open one.
static bool place(struct yaml_scanning *scan, size_t column, bool dash) {
    if (!scan->root) {
        return open_block(scan, column, dash, false);
    }
    size_t top_column = top_of(scan)->column;
    if (scan->waiting && column > top_column) {
        return open_block(scan, column, dash, false);
    }
    if (scan->waiting && scan->key && dash && column == top_column) {
        return open_block(scan, column, true, true);
    }
    if (scan->waiting && !add_nothing(scan)) {
        return false;
    }
    close_blocks(scan, column, dash);
    return scan->depth && top_of(scan)->column == column &&
           (top_of(scan)->node->type == NODE_LIST) == dash;
}

static void wait_for_value(struct yaml_scanning *scan, const char *key) {
    scan->waiting = true;
    scan->key = key;
    scan->waiting_line = scan->line;
}

static char *take_text(struct yaml_scanning *scan, const struct piece *piece) {
    char *end = find_line_end(piece->after);
    return end && add_value(scan, piece) ? end : NULL;
}

static bool begins_flow(const char *at) {
    return *at == '[' || *at == '{';
}

// A key, and what stands behind it in its line.
static char *take_pair(struct yaml_scanning *scan, const struct piece *piece, size_t column) {
    const char *key = place(scan, column, false) ? take_key(scan, top_of(scan)->node, piece) : NULL;
    if (!key) {
        return NULL;
    }
    wait_for_value(scan, key);
    char *at = skip_spaces(piece->after + 1);
    if (is_line_end(*at) || *at == '#') {
        return find_line_end(at);
    }
    if (begins_flow(at)) {
        return take_flow(scan, at);
    }
    struct piece value;
    return read_piece(at, &value) && !is_key_end(value.after) ? take_text(scan, &value) : NULL;
}

// The end of the line, or NULL.
static char *take_line(struct yaml_scanning *scan, char *at, size_t column) {
    bool dashed = false;
    for (; is_dash(at); dashed = true) {
        if (!place(scan, column, true)) {
            return NULL;
        }
        wait_for_value(scan, NULL);
        char *next = skip_spaces(at + 1);
        if (is_line_end(*next) || *next == '#') {
            return find_line_end(next);
        }
        column += (size_t)(next - at);
        at = next;
    }
    struct piece piece;
    if (begins_flow(at)) {
        return dashed ? take_flow(scan, at) : NULL;
    }
    if (!read_piece(at, &piece)) {
        return NULL;
    }
    if (is_key_end(piece.after)) {
        return take_pair(scan, &piece, column);
    }
    return dashed ? take_text(scan, &piece) : NULL;
}

// "---" may open the document; any other mark is left to libyaml.
static char *take_marker(struct yaml_scanning *scan, char *at) {
    bool first = !scan->root && !scan->marked && at[0] == '-' && at[3] == '\n';
    scan->marked = true;
    return first ? at + 3 : NULL;
}

static char *scan_line(struct yaml_scanning *scan, char *line) {
    char *at = skip_spaces(line);
    if (is_line_end(*at) || *at == '#') {
        return find_line_end(at);
    }
    if (at == line && (strncmp(at, "---", 3) == 0 || strncmp(at, "...", 3) == 0)) {
        return take_marker(scan, at);
    }
    return take_line(scan, at, (size_t)(at - line));
}

bool yaml_scan(struct arena *arena, const struct source_file *file, const struct node **ret_root) {
    enum { EVENTS_AROUND = 4 }; // begin and end of the stream and of the document
    struct yaml_scanning scan = {.arena = arena, .line = 1, .events = EVENTS_AROUND};
    char *at = arena_copy(arena, file->bytes, file->len);
    const char *end = at ? at + file->len : NULL;
    while (at && (at = scan_line(&scan, at)) && at != end) {
        at++;
        scan.line++;
    }
    if (!at || !scan.root || (scan.waiting && !add_nothing(&scan))) {
        return false;
    }
    *ret_root = scan.root;
    return true;
}
