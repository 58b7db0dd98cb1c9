// SPDX-License-Identifier: MIT
// One scanner for all languages: at each place it asks the row of the language what begins here, and goes on behind it.
// Nothing is looked at twice but for a bounded number of bytes, so no code takes long. What begins and does not end
// (a string, a comment) ends with its line or with the code.
//
// A scanner of our own and not a library: libsource-highlight opens a file of rules for each language when it needs
// it, which the helper may not do, and matches with regular expressions that backtrack.
#include "registryd/readme/highlight.h"

#include "schema/base/list.h"

enum { WORD_MAX = 24 }; // a longer word is no keyword

struct scan {
    struct markup *markup;
    const struct language *language;
    struct text code;
    size_t at;
    size_t plain; // where the text begins that has no colour yet
    bool in_tag;  // of HTML
};

static bool begins(const struct scan *scan, size_t at, const char *word) {
    size_t len = word ? strlen(word) : 0;
    return len && scan->code.len - at >= len && memcmp(scan->code.ptr + at, word, len) == 0;
}

static size_t end_of_line(const struct scan *scan, size_t at) {
    const char *end = memchr(scan->code.ptr + at, '\n', scan->code.len - at);
    return end ? (size_t)(end - scan->code.ptr) : scan->code.len;
}

// From scan->at up to `end`; what lies before has no colour.
static void add_piece(struct scan *scan, enum markup_element element, size_t end) {
    markup_text(scan->markup, (struct text){scan->code.ptr + scan->plain, scan->at - scan->plain});
    markup_element(scan->markup, element, (struct text){scan->code.ptr + scan->at, end - scan->at});
    scan->at = end;
    scan->plain = end;
}

// Behind `word`, or the end of the code.
static size_t find_behind(const struct scan *scan, size_t at, const char *word) {
    const char *found = memmem(scan->code.ptr + at, scan->code.len - at, word, strlen(word));
    return found ? (size_t)(found - scan->code.ptr) + strlen(word) : scan->code.len;
}

// A "#" within a word of a shell ("$#", "a#b") begins nothing.
static bool is_comment(const struct scan *scan) {
    size_t at = scan->at;
    for (size_t i = 0; i < COUNT_OF(scan->language->line_comments); i++) {
        const char *mark = scan->language->line_comments[i];
        bool is_free = at == 0 || is_space(scan->code.ptr[at - 1]) || (mark && mark[0] != '#');
        if (begins(scan, at, mark) && is_free) {
            return true;
        }
    }
    return false;
}

static size_t end_of_string(const struct scan *scan) {
    char quote = scan->code.ptr[scan->at];
    const char long_quote[] = {quote, quote, quote, '\0'};
    if (scan->language->has_long_strings && begins(scan, scan->at, long_quote)) {
        return find_behind(scan, scan->at + 3, long_quote);
    }
    bool is_short = !scan->language->has_raw_lines;
    for (size_t i = scan->at + 1; i < scan->code.len; i++) {
        char c = scan->code.ptr[i];
        if (c == '\\' && i + 1 < scan->code.len && scan->code.ptr[i + 1] != '\n') {
            i++;
        } else if (c == quote) {
            return i + 1;
        } else if (c == '\n' && is_short) {
            return i;
        }
    }
    return scan->code.len;
}

static bool is_word(char c) {
    return is_alnum(c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_key_mark(const struct scan *scan, size_t at) {
    while (at < scan->code.len && scan->code.ptr[at] == ' ') {
        at++;
    }
    return at < scan->code.len && (scan->code.ptr[at] == ':' || scan->code.ptr[at] == '=');
}

static bool is_keyword(const struct language *language, struct text word) {
    char padded[WORD_MAX + 3] = " ";
    if (!language->keywords || word.len > WORD_MAX) {
        return false;
    }
    for (size_t i = 0; i < word.len; i++) {
        padded[i + 1] = language->ignores_case ? to_lower(word.ptr[i]) : word.ptr[i];
    }
    padded[word.len + 1] = ' ';
    return strstr(language->keywords, padded);
}

static void take_word(struct scan *scan) {
    size_t end = scan->at + 1;
    while (end < scan->code.len &&
           (is_word(scan->code.ptr[end]) ||
            (scan->language->has_keys && strchr("-.", scan->code.ptr[end])))) {
        end++;
    }
    const struct text word = {scan->code.ptr + scan->at, end - scan->at};
    bool is_key = scan->language->has_keys && is_key_mark(scan, end);
    bool is_call = end < scan->code.len && scan->code.ptr[end] == '(';
    if (is_digit(word.ptr[0])) {
        add_piece(scan, MARKUP_NUMBER, end);
    } else if (is_keyword(scan->language, word)) {
        add_piece(scan, MARKUP_KEYWORD, end);
    } else if (is_key || is_call) {
        add_piece(scan, MARKUP_NAME, end);
    } else {
        scan->at = end;
    }
}

// "$name", "${name}", "$1".
static size_t end_of_variable(const struct scan *scan) {
    size_t end = scan->at + 1;
    bool has_brace = end < scan->code.len && scan->code.ptr[end] == '{';
    end += has_brace;
    while (end < scan->code.len && is_word(scan->code.ptr[end])) {
        end++;
    }
    return end + (has_brace && end < scan->code.len && scan->code.ptr[end] == '}');
}

static void take_next(struct scan *scan) {
    const struct language *language = scan->language;
    char c = scan->code.ptr[scan->at];
    if (begins(scan, scan->at, language->block_begin)) {
        size_t begin = scan->at + strlen(language->block_begin);
        add_piece(scan, MARKUP_COMMENT, find_behind(scan, begin, language->block_end));
    } else if (is_comment(scan)) {
        add_piece(scan, MARKUP_COMMENT, end_of_line(scan, scan->at));
    } else if (c && strchr(language->quotes, c)) {
        size_t end = end_of_string(scan);
        bool is_key = language->has_keys && is_key_mark(scan, end);
        add_piece(scan, is_key ? MARKUP_NAME : MARKUP_STRING, end);
    } else if (language->has_variables && c == '$') {
        add_piece(scan, MARKUP_NAME, end_of_variable(scan));
    } else if (is_word(c) || ((c == '#' || c == '@' || c == '!') && language->keywords)) {
        take_word(scan);
    } else {
        scan->at++;
    }
}

// Outside of tags there is text; inside, names before "=" and strings.
static void take_tagged(struct scan *scan) {
    char c = scan->code.ptr[scan->at];
    if (begins(scan, scan->at, scan->language->block_begin)) {
        add_piece(scan, MARKUP_COMMENT, find_behind(scan, scan->at, scan->language->block_end));
    } else if (c == '<' && !scan->in_tag) {
        size_t end = scan->at + 1;
        while (end < scan->code.len &&
               (is_word(scan->code.ptr[end]) || strchr("/!?-:", scan->code.ptr[end]))) {
            end++;
        }
        scan->in_tag = end > scan->at + 1;
        add_piece(scan, MARKUP_KEYWORD, end);
    } else if (c == '>' && scan->in_tag) {
        scan->in_tag = false;
        add_piece(scan, MARKUP_KEYWORD, scan->at + 1);
    } else if (scan->in_tag && (c == '"' || c == '\'')) {
        add_piece(scan, MARKUP_STRING, end_of_string(scan));
    } else {
        scan->at++;
    }
}

static void take_changed_line(struct scan *scan) {
    size_t end = end_of_line(scan, scan->at);
    end += end < scan->code.len;
    if (begins(scan, scan->at, "@@") || begins(scan, scan->at, "diff ")) {
        add_piece(scan, MARKUP_KEYWORD, end);
    } else if (begins(scan, scan->at, "+++") || begins(scan, scan->at, "---")) {
        add_piece(scan, MARKUP_NAME, end);
    } else if (begins(scan, scan->at, "+")) {
        add_piece(scan, MARKUP_ADDED, end);
    } else if (begins(scan, scan->at, "-")) {
        add_piece(scan, MARKUP_REMOVED, end);
    }
    scan->at = end;
}

void highlight_add(struct markup *markup, const struct language *language, struct text code) {
    struct scan scan = {.markup = markup, .language = language, .code = code};
    while (language && scan.at < code.len) {
        if (language->is_diff) {
            take_changed_line(&scan);
        } else if (language->is_tags) {
            take_tagged(&scan);
        } else {
            take_next(&scan);
        }
    }
    markup_text(markup, (struct text){code.ptr + scan.plain, code.len - scan.plain});
}
