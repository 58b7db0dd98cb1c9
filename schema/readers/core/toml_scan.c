// SPDX-License-Identifier: MIT
// One pass over a copy of the file, in which every key and string is ended by a NUL at its place. Each function
// takes the place where its part begins and returns the one behind it, or NULL to give up: for multi-line
// strings, most escapes, dates, reals, other notations of numbers, and whatever TOML does not allow.
// tests/fuzz/fuzz_toml_scan.c and tests/reading/test_scanners.py compare the trees with those of toml++.
#include "schema/readers/core/toml_scan.h"

#include "schema/base/limits.h"
#include "schema/base/text.h"
#include "schema/readers/core/toml_tables.h"

#include <assert.h>

// Brackets in one value. A part of a header nests twice, as a list and its last table.
enum { VALUE_DEPTH = 8 };
static_assert(3 * TOML_KEY_PARTS + VALUE_DEPTH <= LIMIT_JSON_DEPTH,
              "toml_library.cpp goes no deeper");

enum {
    ENDS_LINE = 1,   // \n, the NUL behind the file, and characters that TOML does not allow
    ENDS_STRING = 2, // both quotes and the backslash
    IN_KEY = 4,      // a bare key
};

#define ENDS_BOTH (ENDS_LINE | ENDS_STRING)

static const unsigned char classes[256] = {
    [0 ... 8] = ENDS_BOTH,
    [10 ... 31] = ENDS_BOTH, // all but the tab
    [127] = ENDS_BOTH,       ['"'] = ENDS_STRING,    ['\''] = ENDS_STRING,
    ['\\'] = ENDS_STRING,    ['-'] = IN_KEY,         ['_'] = IN_KEY,
    ['0' ... '9'] = IN_KEY,  ['A' ... 'Z'] = IN_KEY, ['a' ... 'z'] = IN_KEY,
    [0xc2] = ENDS_BOTH, // U+0080 to U+00BF, C1 controls among them
    [0xef] = ENDS_BOTH, // U+F000 to U+FFFF, the byte order mark among them
};

struct toml_scanning {
    struct arena *arena;
    struct node *root;
    struct node *table; // the one that keys go into
    const char *end;    // of the file
    size_t line;        // from 1
    size_t depth;       // open brackets of a value
};

static bool is_class(char c, unsigned wanted) {
    return classes[(unsigned char)c] & wanted;
}

static char *skip_blanks(char *at) {
    while (*at == ' ' || *at == '\t') {
        at++;
    }
    return at;
}

// Behind white space and a comment, at the break or the end of the file.
static char *find_line_end(char *at) {
    at = skip_blanks(at);
    if (*at == '#') {
        while (!is_class(*at, ENDS_LINE)) {
            at++;
        }
    }
    return *at == '\n' || !*at ? at : NULL;
}

// White space, comments and line breaks between the items of an array.
static char *skip_breaks(struct toml_scanning *scan, char *at) {
    for (;;) {
        at = skip_blanks(at);
        if (*at == '#' && !(at = find_line_end(at))) {
            return NULL;
        }
        if (*at != '\n') {
            return at;
        }
        scan->line++;
        at++;
    }
}

// ---- strings ----

// The character that an escape stands for; 0 for those that are left to toml++.
static char unescape(char c) {
    static const char pairs[] = "\"\"\\\\n\nt\tr\r";
    for (const char *pair = pairs; *pair; pair += 2) {
        if (*pair == c) {
            return pair[1];
        }
    }
    return '\0';
}

// The rest of a basic string from its first escape on; it moves to the left.
static char *take_escapes(char *at) {
    char *out = at;
    while (*at != '"') {
        char c = *at++;
        bool escaped = c == '\\';
        if (escaped) {
            c = unescape(*at++);
        }
        if (!c || (!escaped && is_class(c, ENDS_LINE))) {
            return NULL;
        }
        *out++ = c;
    }
    *out = '\0';
    return at + 1;
}

// A string on one line; `at` is its quote.
static char *take_string(char *at, const char **ret_string) {
    char quote = *at++;
    *ret_string = at;
    if (at[0] == quote && at[1] == quote) {
        return NULL;
    }
    for (;; at++) {
        while (!is_class(*at, ENDS_BOTH)) {
            at++;
        }
        if (*at == quote) {
            *at = '\0';
            return at + 1;
        }
        if (*at == '\\' && quote == '"') {
            return take_escapes(at);
        }
        if (is_class(*at, ENDS_LINE)) {
            return NULL;
        }
    }
}

// ---- keys ----

// One part. The byte behind a bare part is returned in ret_after before it becomes the NUL.
static char *take_part(char *at, const char **ret_part, char *ret_after) {
    if (*at == '"' || *at == '\'') {
        at = take_string(at, ret_part);
        *ret_after = at ? *at : '\0';
        return at && **ret_part ? at : NULL;
    }
    char *start = at;
    while (is_class(*at, IN_KEY)) {
        at++;
    }
    *ret_part = start;
    *ret_after = *at;
    *at = '\0';
    return at > start && *ret_after ? at : NULL;
}

// "a.b" up to `close`, behind which the answer is; white space only before `close`.
static char *take_key(char *at, char close, struct toml_key *ret_key) {
    ret_key->count = 0;
    for (;;) {
        char after;
        if (ret_key->count == TOML_KEY_PARTS ||
            !(at = take_part(at, &ret_key->parts[ret_key->count], &after))) {
            return NULL;
        }
        ret_key->count++;
        at++;
        if (after == ' ' || after == '\t') {
            at = skip_blanks(at);
            after = *at++;
            return after == close ? at : NULL;
        }
        if (after != '.') {
            return after == close ? at : NULL;
        }
    }
}

// ---- values ----

static char *take_value(struct toml_scanning *scan, char *at, struct node *node);

static bool ends_value(char c) {
    return !c || strchr(" \t\n,]}", c);
}

// Up to 18 digits, which 64 bits hold.
static char *take_integer(char *at, struct node *node) {
    enum { MAX_DIGITS = 18 };
    bool negative = *at == '-';
    at += negative;
    char *start = at;
    int64_t value = 0;
    while (is_digit(*at) && at - start < MAX_DIGITS) {
        value = value * 10 + (*at++ - '0');
    }
    bool plain = at > start && (*start != '0' || (at == start + 1 && !negative));
    node->type = NODE_INTEGER;
    node->integer = negative ? -value : value;
    return plain && ends_value(*at) ? at : NULL;
}

static char *take_boolean(char *at, struct node *node) {
    bool value = *at == 't';
    const char *word = value ? "true" : "false";
    size_t len = strlen(word);
    node->type = NODE_BOOLEAN;
    node->integer = value;
    return strncmp(at, word, len) == 0 && ends_value(at[len]) ? at + len : NULL;
}

static char *take_item(struct toml_scanning *scan, char *at, struct node *list) {
    struct node *item = node_add(scan->arena, list, NULL, scan->line);
    at = item ? take_value(scan, at, item) : NULL;
    return at ? skip_breaks(scan, at) : NULL;
}

// Line breaks may stand anywhere between the brackets, and a comma before the last one.
static char *take_array(struct toml_scanning *scan, char *at, struct node *node) {
    node->type = NODE_LIST;
    at = skip_breaks(scan, at + 1);
    while (at && *at != ']') {
        at = take_item(scan, at, node);
        if (at && *at == ',') {
            at = skip_breaks(scan, at + 1);
        } else if (at && *at != ']') {
            return NULL;
        }
    }
    return at ? at + 1 : NULL;
}

// In an inline table a key has one part.
static char *take_pair(struct toml_scanning *scan, char *at, struct node *table) {
    struct toml_key key;
    at = take_key(at, '=', &key);
    bool fits = at && (key.count == 1 || table == scan->table);
    struct node *node = fits ? toml_add_member(scan->arena, table, &key, scan->line) : NULL;
    return node ? take_value(scan, skip_blanks(at), node) : NULL;
}

// On one line, and without a comma at its end.
static char *take_inline_table(struct toml_scanning *scan, char *at, struct node *node) {
    node->type = NODE_TABLE;
    at = skip_blanks(at + 1);
    if (*at == '}') {
        return at + 1;
    }
    for (;;) {
        at = take_pair(scan, at, node);
        at = at ? skip_blanks(at) : NULL;
        if (!at || *at != ',') {
            return at && *at == '}' ? at + 1 : NULL;
        }
        at = skip_blanks(at + 1);
    }
}

static char *take_nested(struct toml_scanning *scan, char *at, struct node *node) {
    if (++scan->depth > VALUE_DEPTH) {
        return NULL;
    }
    at = *at == '[' ? take_array(scan, at, node) : take_inline_table(scan, at, node);
    scan->depth--;
    return at;
}

static char *take_value(struct toml_scanning *scan, char *at, struct node *node) {
    switch (*at) {
    case '"':
    case '\'':
        node->type = NODE_STRING;
        return take_string(at, &node->string);
    case '[':
    case '{':
        return take_nested(scan, at, node);
    case 't':
    case 'f':
        return take_boolean(at, node);
    default:
        return take_integer(at, node);
    }
}

// ---- lines ----

static char *take_header(struct toml_scanning *scan, char *at) {
    struct toml_key key;
    bool repeats = at[1] == '[';
    at = take_key(at + 1 + repeats, ']', &key);
    if (!at || (repeats && *at++ != ']')) {
        return NULL;
    }
    scan->table = toml_open_table(scan->arena, scan->root, &key, repeats, scan->line);
    return scan->table ? at : NULL;
}

// The break behind a header or a value, or the end of the file; NULL to give up.
static char *take_line(struct toml_scanning *scan, char *at) {
    at = skip_blanks(at);
    if (*at == '[') {
        at = take_header(scan, at);
    } else if (*at != '#' && *at != '\n' && at != scan->end) {
        at = take_pair(scan, at, scan->table);
    }
    return at ? find_line_end(at) : NULL;
}

bool toml_scan(struct arena *arena, const struct source_file *file, const struct node **ret_root) {
    struct toml_scanning scan = {.arena = arena, .line = 1};
    char *at = file->len ? arena_copy(arena, file->bytes, file->len) : NULL;
    scan.root = scan.table = at ? node_add(arena, NULL, NULL, 1) : NULL;
    if (!scan.root) {
        return false;
    }
    scan.root->type = NODE_TABLE;
    scan.end = at + file->len;
    while ((at = take_line(&scan, at)) && at != scan.end) {
        scan.line++;
        at++;
    }
    if (!at) {
        return false;
    }
    toml_finish(scan.root);
    *ret_root = scan.root;
    return true;
}
