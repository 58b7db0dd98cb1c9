// SPDX-License-Identifier: MIT
// The tokens are enough: a statement that begins with "url" directly in the body of a class, whatever the class
// derives from, since controllers may share bases of the project. The blocks that are open are kept as a stack, so that
// a variable of a method is not taken for the controller's address.
#include "schema/readers/conventions/mountaineer_urls.h"

#include "schema/readers/conventions/fastapi_routes.h"
#include "schema/readers/python/python_token.h"

#include "schema/base/limits.h"

#include <string.h>

struct url_reader {
    bool is_class[PYTHON_INDENTS_MAX + 1]; // of each open block
    size_t depth;
    bool begins_class; // the statement that was read last begins with "class"
};

static bool is_text(const struct python_token *token, const char *text) {
    return token->type != PYTHON_END && text_equals(token->text, text);
}

// The token of the text in `url = "/notes"` and `url: str = "/notes"`; NULL for anything else.
static const struct python_token *find_value(const struct python_token *token) {
    if (!is_text(token, "url")) {
        return NULL;
    }
    token++;
    if (is_text(token, ":") && token[1].type == PYTHON_NAME) {
        token += 2;
    }
    bool is_alone =
        is_text(token, "=") && token[1].type == PYTHON_STRING && token[2].type == PYTHON_NEWLINE;
    return is_alone ? token + 1 : NULL;
}

static bool add_url(struct text literal, json_t *prefixes) {
    scoped(buffer_done) struct buffer url;
    buffer_init(&url, LIMIT_PATH_BYTES);
    if (python_string_obstacle(literal) || !python_string_append(literal, &url) || url.failed) {
        return url.failed != STATUS_NO_MEMORY;
    }
    buffer_add(&url, "", 1);
    return url.failed ? url.failed != STATUS_NO_MEMORY : fastapi_prefix_add(prefixes, url.ptr);
}

static bool is_layout(const struct python_token *token) {
    return token->type == PYTHON_NEWLINE || token->type == PYTHON_INDENT ||
           token->type == PYTHON_DEDENT;
}

// Follows the blocks: what an INDENT opens is the body of the statement before it.
static void follow_block(struct url_reader *r, const struct python_token *token) {
    if (token->type == PYTHON_INDENT && r->depth < PYTHON_INDENTS_MAX) {
        r->is_class[++r->depth] = r->begins_class;
    } else if (token->type == PYTHON_DEDENT && r->depth) {
        r->depth--;
    }
}

bool mountaineer_urls_add(const struct python_module *module, json_t *prefixes) {
    struct url_reader reader = {0};
    const struct python_token *first = module->tokens;
    for (const struct python_token *token = first; token->type != PYTHON_END; token++) {
        follow_block(&reader, token);
        if (is_layout(token) || (token != first && !is_layout(token - 1))) {
            continue;
        }
        reader.begins_class = is_text(token, "class");
        const struct python_token *value = reader.is_class[reader.depth] ? find_value(token) : NULL;
        if (value && !add_url(value->text, prefixes)) {
            return false;
        }
    }
    return true;
}
