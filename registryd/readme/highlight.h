// SPDX-License-Identifier: MIT
// Code in colours: comments, keywords, strings, numbers and names of about a dozen languages. One pass, whose time is
// that of the text's length, over a table of languages. It does not understand code; it finds what the eye looks for.
#pragma once

#include "registryd/readme/markup.h"

// The rules of one language.
struct language {
    const char
        *names; // as after ``` and as endings of files, with blanks around each: " python py "
    const char *line_comments[3]; // what begins one
    const char *block_begin;      // of a comment; NULL: none
    const char *block_end;
    const char *quotes;    // the characters that begin and end a string
    const char *keywords;  // with blanks around each
    bool has_long_strings; // three quotes: over several lines
    bool has_raw_lines;    // a string goes on over line ends
    bool ignores_case;     // of keywords
    bool has_keys;         // a word before ":" or "=" is a name
    bool has_variables;    // "$x" and "${x}"
    bool is_tags;          // HTML and its like
    bool is_diff;
};

// By the word after ``` (its first), or by the ending of a file's name; NULL when the language is unknown.
const struct language *language_find(struct text name);
const struct language *language_of_file(struct text path);

// The code as text and pieces. Any bytes that are UTF-8.
void highlight_add(struct markup *markup, const struct language *language, struct text code);
