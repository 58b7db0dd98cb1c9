// SPDX-License-Identifier: MIT
// The languages of highlight.h, a row each. Keywords are the reserved words of the language and what reads like them
// (True, self, NULL). A language that is missing is shown without colours, never wrongly.
#include "registryd/readme/highlight.h"

#include "schema/base/list.h"

static const struct language languages[] = {
    {.names = " python py python3 pyi pycon ",
     .line_comments = {"#"},
     .quotes = "\"'",
     .has_long_strings = true,
     .keywords = " False None True and as assert async await break case class continue def del "
                 "elif else except finally for from global if import in is lambda match nonlocal "
                 "not or pass raise return self try while with yield "},
    {.names = " c h cpp c++ cc hpp cxx ",
     .line_comments = {"//"},
     .block_begin = "/*",
     .block_end = "*/",
     .quotes = "\"'",
     .keywords = " auto bool break case char class const constexpr continue default delete do "
                 "double else enum extern false float for goto if inline int long namespace new "
                 "NULL nullptr private public register restrict return short signed sizeof static "
                 "struct switch template this true typedef typename union unsigned using virtual "
                 "void volatile while #include #define #if #ifdef #ifndef #endif #else #pragma "},
    {.names = " javascript js jsx mjs cjs typescript ts tsx ",
     .line_comments = {"//"},
     .block_begin = "/*",
     .block_end = "*/",
     .quotes = "\"'`",
     .has_raw_lines = true,
     .keywords = " as async await break case catch class const continue debugger default delete "
                 "do else enum export extends false finally for from function if implements import "
                 "in instanceof interface let new null of return static super switch this throw "
                 "true try type typeof undefined var void while with yield "},
    {.names = " shell sh bash zsh console shell-session ",
     .line_comments = {"#"},
     .quotes = "\"'",
     .has_raw_lines = true,
     .has_variables = true,
     .keywords = " case cd do done echo elif else esac eval exec exit export fi for function if in "
                 "local readonly return select set shift source sudo then trap unset until while "},
    {.names = " sql psql pgsql postgresql ",
     .line_comments = {"--"},
     .block_begin = "/*",
     .block_end = "*/",
     .quotes = "'\"",
     .has_raw_lines = true,
     .ignores_case = true,
     .keywords =
         " add all alter and as asc begin between by case check column commit constraint create "
         "cross default delete desc distinct drop else end exists false foreign from full function "
         "grant group having if in index inner insert into is join key left like limit not null "
         "offset on or order outer primary references returning revoke right rollback select set "
         "table then true union unique update using values view when where with "},
    {.names = " toml ini cfg conf ",
     .line_comments = {"#", ";"},
     .quotes = "\"'",
     .has_long_strings = true,
     .has_keys = true,
     .keywords = " true false "},
    {.names = " yaml yml ",
     .line_comments = {"#"},
     .quotes = "\"'",
     .has_keys = true,
     .keywords = " true false null yes no "},
    {.names = " json jsonc json5 webmanifest ",
     .line_comments = {"//"},
     .quotes = "\"",
     .has_keys = true,
     .keywords = " true false null "},
    {.names = " css scss ",
     .block_begin = "/*",
     .block_end = "*/",
     .quotes = "\"'",
     .has_keys = true,
     .keywords = " @media @import !important @supports "},
    {.names = " rust rs go java kotlin ",
     .line_comments = {"//"},
     .block_begin = "/*",
     .block_end = "*/",
     .quotes = "\"",
     .keywords = " as async await break case class const continue crate defer else enum extends "
                 "extern false final fn for func go if impl import in interface let loop match mod "
                 "move mut new nil null package private pub public return select self static "
                 "struct super switch this throw trait true type unsafe use var void where while "},
    {.names = " html xml svg htm xhtml jinja jinja2 vue ",
     .block_begin = "<!--",
     .block_end = "-->",
     .quotes = "\"'",
     .has_raw_lines = true,
     .is_tags = true},
    {.names = " diff patch ", .is_diff = true},
};

static bool has_word(const char *words, struct text word) {
    for (const char *at = words; (at = strchr(at, ' ')) && at[1]; at++) {
        struct text one = {at + 1, strcspn(at + 1, " ")};
        bool is_same = one.len == word.len;
        for (size_t i = 0; is_same && i < one.len; i++) {
            is_same = to_lower(word.ptr[i]) == one.ptr[i];
        }
        if (is_same) {
            return true;
        }
    }
    return false;
}

const struct language *language_find(struct text name) {
    size_t len = 0;
    while (len < name.len && !is_space(name.ptr[len]) && !strchr(",{:", name.ptr[len])) {
        len++;
    }
    for (size_t i = 0; i < COUNT_OF(languages) && len; i++) {
        if (has_word(languages[i].names, (struct text){name.ptr, len})) {
            return &languages[i];
        }
    }
    return NULL;
}

const struct language *language_of_file(struct text path) {
    const char *dot = memrchr(path.ptr, '.', path.len);
    size_t at = dot ? (size_t)(dot + 1 - path.ptr) : path.len;
    return language_find((struct text){path.ptr + at, path.len - at});
}
