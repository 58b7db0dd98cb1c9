// SPDX-License-Identifier: MIT
// From bytes to a module: the encoding (PEP 263, PEP 3120), then the tokens, then the statements, then the
// calls in classes. The encoding is UTF-8, with or without a BOM, unless a comment in the first two lines
// names another one; what is not UTF-8 is converted by iconv of the C library. Any thread.
//
// A file in another encoding is an ordinary file to Python, so it is one here: "# -*- coding: latin-1 -*-".
#include "schema/readers/python/python_source.h"

#include "schema/readers/python/python_parse.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

#include <iconv.h>
#include <string.h>

// "coding[:=]\s*([-\w.]+)" of a comment line; empty when the line has none.
static struct text coding_of(struct text line) {
    const struct text none = {NULL, 0};
    struct text comment = text_trim(line);
    if (!comment.len || comment.ptr[0] != '#') {
        return none;
    }
    const char *end = comment.ptr + comment.len;
    for (const char *at = comment.ptr; end - at > 7; at++) {
        if (memcmp(at, "coding", 6) != 0 || (at[6] != ':' && at[6] != '=')) {
            continue;
        }
        const char *name = at + 7;
        while (name < end && (*name == ' ' || *name == '\t')) {
            name++;
        }
        size_t len = 0;
        while (name + len < end && (is_alnum(name[len]) || strchr("-_.", name[len]))) {
            len++;
        }
        return (struct text){name, len};
    }
    return none;
}

// PEP 263 lets a shebang or a blank line stand before the line with the encoding.
static bool is_blank_or_comment(struct text line) {
    struct text trimmed = text_trim(line);
    return !trimmed.len || trimmed.ptr[0] == '#';
}

// PEP 263: in the first two lines, and in the second only if the first is blank or a comment.
static struct text find_coding(const struct source_file *file) {
    struct text rest = {file->bytes, file->len < 2000 ? file->len : 2000};
    struct text line;
    for (int i = 0; i < 2 && text_split(&rest, '\n', &line); i++) {
        struct text coding = coding_of(line);
        if (coding.len || !is_blank_or_comment(line)) {
            return coding;
        }
    }
    return (struct text){NULL, 0};
}

CLEANUP_DEFINE(iconv_t, close_iconv, iconv_close)

// Python takes "latin-1" and "iso8859_15" where iconv knows "latin1" and "iso-8859-15": the name as
// it stands, then with other separators, then without any.
static iconv_t open_converter(const char *name) {
    char spelling[64];
    iconv_t converter = iconv_open("UTF-8", name);
    for (int separators = 1; converter == (iconv_t)-1 && separators >= 0; separators--) {
        size_t len = 0;
        for (const char *c = name; *c; c++) {
            if (!strchr("-_", *c)) {
                spelling[len++] = *c;
            } else if (separators) {
                spelling[len++] = '-';
            }
        }
        spelling[len] = '\0';
        converter = iconv_open("UTF-8", spelling);
    }
    return converter == (iconv_t)-1 ? NULL : converter;
}

// Into UTF-8, at most four bytes for each byte.
static enum status convert(struct arena *arena, const struct source_file *file, struct text coding,
                           struct source_file *ret_file, struct error *err) {
    char name[64];
    size_t len = coding.len < sizeof name - 1 ? coding.len : sizeof name - 1;
    memcpy(name, coding.ptr, len);
    name[len] = '\0';
    scoped(close_iconv) iconv_t converter = open_converter(name);
    if (!converter) {
        return fail(err, STATUS_MALFORMED, file->path, "Unknown encoding \"%s\"", name);
    }
    size_t room = file->len * 4 + 1;
    char *out = arena_alloc(arena, room);
    if (!out) {
        return fail_no_memory(err);
    }
    char *from = (char *)file->bytes;
    char *to = out;
    size_t left = file->len;
    if (iconv(converter, &from, &left, &to, &room) == (size_t)-1 || left) {
        return fail(err, STATUS_MALFORMED, file->path,
                    "The file declares the encoding %s, but is not valid in it", name);
    }
    *ret_file = (struct source_file){file->path, out, (size_t)(to - out)};
    return STATUS_OK;
}

// The source as UTF-8 without a BOM; *ret_file borrows from `file` when nothing had to be changed.
// In this order: size, NUL, BOM, encoding. Text that is valid UTF-8 is taken as such, whatever its
// comment says: ASCII under "latin-1" needs no conversion.
static enum status decode(struct arena *arena, const struct source_file *file,
                          struct source_file *ret_file, struct error *err) {
    struct source_file source = *file;
    if (file->len > LIMIT_PYTHON_BYTES) {
        return fail(err, STATUS_TOO_LARGE, file->path, "The Python file is larger than %d bytes",
                    LIMIT_PYTHON_BYTES);
    }
    if (text_has_nul(file->bytes, file->len)) {
        return fail(err, STATUS_MALFORMED, file->path, "The file contains a NUL byte");
    }
    bool bom = source.len >= 3 && memcmp(source.bytes, "\xef\xbb\xbf", 3) == 0;
    source.bytes += bom ? 3 : 0;
    source.len -= bom ? 3 : 0;
    struct text coding = find_coding(&source);
    bool utf8 = utf8_is_valid(source.bytes, source.len);
    bool says_utf = coding.len >= 3 && strncasecmp(coding.ptr, "utf", 3) == 0;
    if (!utf8 && !bom && coding.len && !says_utf) {
        return convert(arena, &source, coding, ret_file, err);
    }
    if (!utf8) {
        return fail(err, STATUS_MALFORMED, file->path, "The text is not UTF-8");
    }
    *ret_file = source;
    return STATUS_OK;
}

// ---- the module ----

// Reads the arguments of the calls that classes keep.
static enum status finish_calls(struct python_module *module, struct error *err) {
    for (size_t i = 0; i < module->class_count; i++) {
        for (size_t j = 0; j < module->classes[i].call_count; j++) {
            struct python_call *call = &module->classes[i].calls[j];
            size_t end;
            enum status status =
                python_call_read(module->arena, module, call->first, call, &end, err);
            if (status) {
                return status;
            }
        }
    }
    return STATUS_OK;
}

static enum status parse_module(struct python_parser *p) {
    p->at = 0;
    enum status status = python_open_scope(p, true);
    while (status == STATUS_OK && p->tokens[p->at].type != PYTHON_END) {
        status = python_statement(p);
    }
    if (status) {
        return status;
    }
    p->module->scopes[0].end = p->at;
    return finish_calls(p->module, p->err);
}

static enum status make_tokens(struct arena *arena, const struct source_file *file,
                               struct python_tokens *ret_tokens, struct error *err) {
    struct source_file decoded;
    enum status status = decode(arena, file, &decoded, err);
    if (status) {
        return status;
    }
    return python_tokenize(arena, &decoded, ret_tokens, err);
}

enum status python_source_read(struct arena *arena, const struct source_file *file,
                               const struct python_source_options *options,
                               struct python_module *ret_module, struct error *err) {

    struct python_module module = {.arena = arena};
    struct python_parser parser = {
        .arena = arena, .path = file->path, .module = &module, .options = options, .err = err};
    struct python_tokens tokens;
    enum status status = make_tokens(arena, file, &tokens, err);
    if (status) {
        return status;
    }
    parser.tokens = tokens.items;
    module.tokens = tokens.items;
    status = parse_module(&parser);
    if (status) {
        return status;
    }
    *ret_module = module;
    return STATUS_OK;
}

// Words with which a module can bind names that no statement shows.
static bool makes_names(struct text word) {
    static const char *const makers[] = {"__getattr__", "globals", "exec", "setattr", "vars"};
    for (size_t i = 0; i < COUNT_OF(makers); i++) {
        if (text_equals(word, makers[i])) {
            return true;
        }
    }
    return false;
}

// Errs on the side of "it may": an entry point is called wrong only when that is certain.
bool python_may_bind(const struct python_module *module, struct text name) {
    struct text last = {"", 0};
    for (const struct python_token *token = module->tokens; token->type != PYTHON_END; token++) {
        bool is_star = text_equals(last, "import") && text_equals(token->text, "*");
        bool is_name = token->type == PYTHON_NAME && token->text.len == name.len &&
                       memcmp(token->text.ptr, name.ptr, name.len) == 0;
        if (is_star || is_name || (token->type == PYTHON_NAME && makes_names(token->text))) {
            return true;
        }
        last = token->text;
    }
    return false;
}
