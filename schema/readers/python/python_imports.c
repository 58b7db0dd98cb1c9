// SPDX-License-Identifier: MIT
// The parser has accepted the file, so the tokens of an import have a known shape, and "import" and "from" at the
// beginning of a statement are imports. "yield from" and "raise … from" have words before them.
//
//     in domains.users.plugins.login_plugin:
//     import domains.mail.models as m          domains.mail.models
//     from ..models import User, Role          domains.users.models, User and domains.users.models, Role
#include "schema/readers/python/python_imports.h"

#include "schema/readers/python/python_parse.h"

#include "schema/base/limits.h"

#include <string.h>

struct import_reader {
    const struct python_module *module;
    const char *dotted; // name of the module
    size_t at;          // index of the next token
    struct python_imports imports;
    int line; // of the statement being read
};

static const struct python_token *peek(const struct import_reader *r) {
    return &r->module->tokens[r->at];
}

static bool accept(struct import_reader *r, const char *text) {
    const struct python_token *token = peek(r);
    bool found = (token->type == PYTHON_OPERATOR || token->type == PYTHON_NAME) &&
                 text_equals(token->text, text);
    r->at += found;
    return found;
}

static bool add(struct import_reader *r, const char *module, const char *name) {
    struct python_import *items =
        python_grow(r->module->arena, r->imports.items, r->imports.count, sizeof *items);
    if (!items || !module) {
        return false;
    }
    r->imports.items = items;
    items[r->imports.count++] = (struct python_import){module, name, r->line};
    return true;
}

static const char *copy_name(struct import_reader *r) {
    const struct python_token *token = &r->module->tokens[r->at++];
    return arena_copy(r->module->arena, token->text.ptr, token->text.len);
}

// NAME ("." NAME)* behind `base`; the base alone when no name follows. NULL when out of memory.
static const char *read_dotted(struct import_reader *r, const char *base) {
    scoped(buffer_done) struct buffer dotted;
    buffer_init(&dotted, (size_t)LIMIT_PYTHON_BYTES * 2);
    buffer_add_string(&dotted, base);
    do {
        const struct python_token *token = peek(r);
        if (token->type != PYTHON_NAME || token->keyword) {
            break;
        }
        buffer_add_string(&dotted, dotted.len ? "." : "");
        buffer_add(&dotted, token->text.ptr, token->text.len);
        r->at++;
    } while (accept(r, "."));
    return dotted.failed ? NULL
                         : arena_copy(r->module->arena, dotted.ptr ? dotted.ptr : "", dotted.len);
}

// The package that `level` dots lead to: one is that of the module itself. *ret_above: it lies above all packages.
static const char *find_base(struct import_reader *r, size_t level, bool *ret_above) {
    size_t len = strlen(r->dotted);
    for (size_t i = 0; i < level && len; i++) {
        while (len && r->dotted[len - 1] != '.') {
            len--;
        }
        len -= len > 0;
    }
    *ret_above = level && !len;
    return level ? arena_copy(r->module->arena, r->dotted, len) : "";
}

static void skip_alias(struct import_reader *r) {
    if (accept(r, "as")) {
        r->at++;
    }
}

// "import" a.b ["as" c] ("," …)*
static bool read_import(struct import_reader *r) {
    bool is_good;
    do {
        is_good = add(r, read_dotted(r, ""), NULL);
        skip_alias(r);
    } while (is_good && accept(r, ","));
    return is_good;
}

// "from" ("." | "...")* [a.b] "import" ("*" | names)
static bool read_from(struct import_reader *r) {
    size_t level = 0;
    bool is_above;
    size_t dots = 0;
    do {
        level += dots;
        dots = accept(r, "...") ? 3 : accept(r, ".");
    } while (dots);
    const char *base = find_base(r, level, &is_above);
    const char *module = base ? read_dotted(r, base) : NULL;
    accept(r, "import");
    if (!module || is_above) {
        return module != NULL;
    }
    if (accept(r, "*")) {
        return add(r, module, NULL);
    }
    bool is_good = true;
    accept(r, "(");
    do {
        bool has_name = peek(r)->type == PYTHON_NAME;
        const char *name = has_name ? copy_name(r) : NULL;
        is_good = !has_name || (name && add(r, module, name));
        skip_alias(r);
    } while (is_good && accept(r, ","));
    return is_good;
}

// Neither word can begin an expression, so what stands before it need not be told apart further.
static bool begins_statement(const struct python_token *tokens, size_t at) {
    if (!at || tokens[at - 1].type == PYTHON_NEWLINE || tokens[at - 1].type == PYTHON_INDENT ||
        tokens[at - 1].type == PYTHON_DEDENT) {
        return true;
    }
    return tokens[at - 1].type == PYTHON_OPERATOR &&
           (text_equals(tokens[at - 1].text, ";") || text_equals(tokens[at - 1].text, ":"));
}

enum status python_imports_read(const struct python_module *module, const char *dotted,
                                struct python_imports *ret_imports, struct error *err) {
    struct import_reader reader = {.module = module, .dotted = dotted};
    bool is_good = true;
    while (is_good && peek(&reader)->type != PYTHON_END) {
        size_t at = reader.at;
        reader.line = peek(&reader)->line;
        bool begins = peek(&reader)->keyword && begins_statement(module->tokens, at);
        if (begins && accept(&reader, "import")) {
            is_good = read_import(&reader);
        } else if (begins && accept(&reader, "from")) {
            is_good = read_from(&reader);
        } else {
            reader.at++;
        }
    }
    if (!is_good) {
        return fail_no_memory(err);
    }
    *ret_imports = reader.imports;
    return STATUS_OK;
}
