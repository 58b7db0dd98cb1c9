// SPDX-License-Identifier: MIT
// A router is a call of APIRouter that the top level binds; a route is a decorator "@router.get(…)" with its literal
// path. Both stand in one file as a rule; routes that another file adds to an imported router are not looked for.
#include "schema/readers/conventions/fastapi_routes.h"

#include "schema/base/list.h"
#include "schema/json/json.h"
#include "schema/readers/python/python_parse.h"
#include "schema/readers/python/python_source.h"

#include <string.h>

enum { ROUTERS_MAX = 16 }; // of one file

struct fastapi_router {
    const char *name;   // of the variable
    const char *prefix; // literal; "" when there is none
};

struct route_reader {
    const struct python_module *module;
    struct fastapi_router *routers;
    size_t router_count;
    json_t *prefixes; // an object: its keys are the prefixes
};

static const char *last_part(const char *dotted) {
    const char *dot = strrchr(dotted, '.');
    return dot ? dot + 1 : dotted;
}

// The text of an argument, by keyword or as the first one by position. Arena. "" when it is not given; NULL when it is
// known only at run time.
static const char *text_argument(struct arena *arena, const struct python_call *call,
                                 const char *name, bool may_be_first) {
    for (size_t i = 0; i < call->argument_count; i++) {
        const struct python_argument *argument = &call->arguments[i];
        bool is_named = argument->name && strcmp(argument->name, name) == 0;
        if (is_named || (may_be_first && !i && !argument->name)) {
            json_auto_t *value =
                argument->json ? json_loads(argument->json, JSON_DECODE_ANY, NULL) : NULL;
            const char *text = json_string_value(value);
            return text ? arena_strdup(arena, text) : NULL;
        }
    }
    return call->more ? NULL : "";
}

bool fastapi_prefix_add(json_t *prefixes, const char *address) {
    size_t len = *address == '/' ? 1 + strcspn(address + 1, "/") : 0;
    return !len || address[1] == '{' ||
           json_object_setn_new(prefixes, address, len, json_true()) == 0;
}

// By its tokens, "APIRouter(" and what stands before: a value is looked at closely only then, since that costs a pass
// over the file.
static bool makes_router(const struct python_module *module,
                         const struct python_assignment *assignment) {
    size_t at = assignment->first;
    while (at < assignment->end && !text_equals(module->tokens[at].text, "(")) {
        at++;
    }
    return at > assignment->first && at < assignment->end &&
           text_equals(module->tokens[at - 1].text, "APIRouter");
}

static enum status find_routers(struct route_reader *r, struct error *err) {
    const struct python_module *module = r->module;
    r->routers = arena_array(module->arena, ROUTERS_MAX, sizeof *r->routers);
    if (!r->routers) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < module->assignment_count && r->router_count < ROUTERS_MAX; i++) {
        struct python_value value;
        const char *name = module->assignments[i].name;
        if (!makes_router(module, &module->assignments[i])) {
            continue;
        }
        enum status status = python_value_read(module, name, &value, err);
        if (status) {
            return status;
        }
        bool is_router = value.call && strcmp(last_part(value.call->callee), "APIRouter") == 0;
        const char *prefix =
            is_router ? text_argument(module->arena, value.call, "prefix", false) : NULL;
        if (prefix) {
            r->routers[r->router_count++] = (struct fastapi_router){name, prefix};
            if (!fastapi_prefix_add(r->prefixes, prefix)) {
                return fail_no_memory(err);
            }
        }
    }
    return STATUS_OK;
}

static bool is_text(const struct python_token *token, const char *text) {
    return token->type != PYTHON_END && text_equals(token->text, text);
}

static const struct fastapi_router *find_router(const struct route_reader *r, struct text name) {
    for (size_t i = 0; i < r->router_count; i++) {
        if (text_equals(name, r->routers[i].name)) {
            return &r->routers[i];
        }
    }
    return NULL;
}

static bool is_method(struct text name) {
    static const char *const methods[] = {"get",  "post",    "put",   "patch",     "delete",
                                          "head", "options", "trace", "websocket", "api_route"};
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        if (text_equals(name, methods[i])) {
            return true;
        }
    }
    return false;
}

// The router of the decorator whose "@" is at the token; NULL when it is another one.
static const struct fastapi_router *decorating(const struct route_reader *r, size_t at) {
    const struct python_token *tokens = r->module->tokens;
    bool is_first = !at || tokens[at - 1].type == PYTHON_NEWLINE ||
                    tokens[at - 1].type == PYTHON_INDENT || tokens[at - 1].type == PYTHON_DEDENT;
    bool is_call = is_first && is_text(&tokens[at], "@") && tokens[at + 1].type == PYTHON_NAME &&
                   is_text(&tokens[at + 2], ".") && is_method(tokens[at + 3].text) &&
                   is_text(&tokens[at + 4], "(");
    return is_call ? find_router(r, tokens[at + 1].text) : NULL;
}

static enum status find_routes(struct route_reader *r, struct error *err) {
    for (size_t at = 0; r->module->tokens[at].type != PYTHON_END; at++) {
        const struct fastapi_router *router = decorating(r, at);
        struct python_call call = {.callee = ""};
        size_t end;
        if (!router) {
            continue;
        }
        enum status status =
            python_call_read(r->module->arena, r->module, at + 1, &call, &end, err);
        if (status) {
            return status;
        }
        const char *path = text_argument(r->module->arena, &call, "path", true);
        const char *address =
            path ? arena_printf(r->module->arena, "%s%s", router->prefix, path) : NULL;
        if (address && !fastapi_prefix_add(r->prefixes, address)) {
            return fail_no_memory(err);
        }
    }
    return STATUS_OK;
}

enum status fastapi_prefixes_read(const struct python_module *module, json_t *prefixes,
                                  struct error *err) {
    struct route_reader reader = {.module = module, .prefixes = prefixes};
    enum status status = find_routers(&reader, err);
    return status || !reader.router_count ? status : find_routes(&reader, err);
}
