// SPDX-License-Identifier: MIT
// The only user of expat. Its handlers keep a small state instead of a tree:
//
//     <methodCall>
//       <methodName>browse</methodName>                                        text -> call->method
//       <params><param>
//         <value><array><data><value><string>…</string></value></data></array></value>   -> a list of texts
//       </param></params>
//     </methodCall>
//
// A <value> without a type is a string. What went wrong first is kept in `failure`, and the parser is stopped there.
#include "registryd/api/pypi/xmlrpc_parse.h"

#include <expat.h>
#include <stdlib.h>

struct xmlrpc_reading {
    struct arena *arena;
    XML_Parser parser;
    struct xmlrpc_call *call;
    struct error *err;
    enum status failure;
    struct buffer text; // of the element at hand
    int depth;
    size_t values;
    bool is_in_array;
    bool has_typed;             // the value at hand had an element of a type
    struct xmlrpc_param *param; // NULL outside of <param>
};

static void stop(struct xmlrpc_reading *state, enum status status, const char *why) {
    if (!state->failure) {
        state->failure = fail(state->err, status, NULL, "%s", why);
        XML_StopParser(state->parser, XML_FALSE);
    }
}

static void refuse_doctype(void *context, const XML_Char *name, const XML_Char *system,
                           const XML_Char *public_id, int has_subset) {
    (void)name;
    (void)system;
    (void)public_id;
    (void)has_subset;
    stop(context, STATUS_MALFORMED, "A document type is not allowed in a call");
}

// ---- elements ----

static void begin_param(struct xmlrpc_reading *state) {
    if (state->call->param_count == XMLRPC_PARAMS_MAX) {
        stop(state, STATUS_TOO_LARGE, "The call has too many parameters");
        return;
    }
    state->param = &state->call->params[state->call->param_count++];
    *state->param = (struct xmlrpc_param){.text = ""};
    state->is_in_array = false;
}

static void begin_array(struct xmlrpc_reading *state) {
    if (!state->param || state->is_in_array) {
        stop(state, STATUS_INVALID, "A list within a list is not supported");
        return;
    }
    state->is_in_array = true;
    state->param->kind = XMLRPC_LIST;
    state->param->list.items =
        arena_array(state->arena, XMLRPC_VALUES_MAX, sizeof *state->param->list.items);
    if (!state->param->list.items) {
        stop(state, STATUS_NO_MEMORY, "Out of memory");
    }
}

static bool is_one_of(const char *name, const char *const *names) {
    for (; *names; names++) {
        if (strcmp(name, *names) == 0) {
            return true;
        }
    }
    return false;
}

static const char *const plain_elements[] = {"methodCall", "methodName", "params", "data", NULL};
static const char *const number_types[] = {"int", "i4", "i8", NULL};

// Every count is bounded while the call is read, since anyone may send one.
static void begin_element(void *context, const XML_Char *name, const XML_Char **attributes) {
    struct xmlrpc_reading *state = context;
    (void)attributes;
    if (state->failure) {
        return; // expat may still tell of what it has read
    }
    state->text.len = 0;
    if (++state->depth > XMLRPC_DEPTH_MAX) {
        stop(state, STATUS_TOO_LARGE, "The call is nested too deep");
    } else if (strcmp(name, "param") == 0) {
        begin_param(state);
    } else if (strcmp(name, "array") == 0) {
        begin_array(state);
    } else if (strcmp(name, "value") == 0) {
        state->has_typed = false;
        if (++state->values > XMLRPC_VALUES_MAX) {
            stop(state, STATUS_TOO_LARGE, "The call has too many values");
        }
    } else if (strcmp(name, "string") != 0 && !is_one_of(name, number_types) &&
               !is_one_of(name, plain_elements)) {
        stop(state, STATUS_INVALID, "The call has an element or a type that is not supported");
    }
}

static void add_text(void *context, const XML_Char *bytes, int len) {
    struct xmlrpc_reading *state = context;
    if (state->failure) {
        return;
    }
    buffer_add(&state->text, bytes, (size_t)len);
    if (state->text.failed) {
        stop(state, state->text.failed, "A text of the call is too long");
    }
}

static const char *copy_text(struct xmlrpc_reading *state) {
    const char *copy =
        arena_copy(state->arena, state->text.len ? state->text.ptr : "", state->text.len);
    if (!copy) {
        stop(state, STATUS_NO_MEMORY, "Out of memory");
        return "";
    }
    return copy;
}

static void end_string(struct xmlrpc_reading *state) {
    const char *text = copy_text(state);
    state->has_typed = true;
    if (!state->param) {
        stop(state, STATUS_INVALID, "A value stands outside of the parameters");
    } else if (state->is_in_array && state->param->list.count == XMLRPC_VALUES_MAX) {
        stop(state, STATUS_TOO_LARGE, "The call has too many values");
    } else if (state->is_in_array) {
        state->param->list.items[state->param->list.count++] = text;
    } else {
        state->param->text = text;
    }
}

static void end_number(struct xmlrpc_reading *state) {
    const char *text = copy_text(state);
    char *end;
    long long number = strtoll(text, &end, 10);
    state->has_typed = true;
    if (!state->param || state->is_in_array || end == text || *end) {
        stop(state, STATUS_INVALID, "A number of the call is not valid here");
        return;
    }
    state->param->kind = XMLRPC_INTEGER;
    state->param->number = number;
}

// <value>text</value> without a type is a string, so a value without a typed child takes its text.
static void end_element(void *context, const XML_Char *name) {
    struct xmlrpc_reading *state = context;
    state->depth--;
    if (state->failure) {
        return;
    }
    if (strcmp(name, "methodName") == 0) {
        state->call->method = copy_text(state);
    } else if (strcmp(name, "string") == 0) {
        end_string(state);
    } else if (is_one_of(name, number_types)) {
        end_number(state);
    } else if (strcmp(name, "array") == 0) {
        state->is_in_array = false;
        state->has_typed = true;
    } else if (strcmp(name, "value") == 0) {
        if (!state->has_typed) {
            end_string(state);
        }
        state->has_typed = true; // for the value around a list
    } else if (strcmp(name, "param") == 0) {
        state->param = NULL;
    }
    state->text.len = 0;
}

// ---- the whole ----

// A document type is refused: entities could grow a small call to gigabytes.
static enum status run(struct xmlrpc_reading *state, struct text body) {
    XML_SetUserData(state->parser, state);
    XML_SetStartDoctypeDeclHandler(state->parser, refuse_doctype);
    XML_SetElementHandler(state->parser, begin_element, end_element);
    XML_SetCharacterDataHandler(state->parser, add_text);
    enum XML_Status parsed = XML_Parse(state->parser, body.ptr, (int)body.len, XML_TRUE);
    if (state->failure) {
        return state->failure;
    }
    if (parsed != XML_STATUS_OK) {
        return fail(state->err, STATUS_MALFORMED, NULL,
                    "The call is not well-formed XML: line %lu: %s",
                    (unsigned long)XML_GetCurrentLineNumber(state->parser),
                    XML_ErrorString(XML_GetErrorCode(state->parser)));
    }
    return *state->call->method
               ? STATUS_OK
               : fail(state->err, STATUS_INVALID, NULL, "The call names no method");
}

enum status xmlrpc_parse(struct arena *arena, struct text body, struct xmlrpc_call *ret_call,
                         struct error *err) {
    enum { TEXT_BYTES = 4096 };
    struct xmlrpc_call call = {.method = ""};
    struct xmlrpc_reading state = {.arena = arena, .call = &call, .err = err};
    state.parser = XML_ParserCreate("UTF-8");
    if (!state.parser) {
        return fail_no_memory(err);
    }
    buffer_init(&state.text, TEXT_BYTES);
    enum status status = run(&state, body);
    buffer_done(&state.text);
    XML_ParserFree(state.parser);
    if (status) {
        return status;
    }
    *ret_call = call;
    return STATUS_OK;
}
