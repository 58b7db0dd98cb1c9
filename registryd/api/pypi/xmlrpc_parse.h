// SPDX-License-Identifier: MIT
// A call of XML-RPC: a method and its parameters, of the few types that the index's methods take. Document types
// are refused, so there are no entities to expand; depth, values and texts are bounded. Pure; any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

#include <stdint.h>

enum { XMLRPC_DEPTH_MAX = 16, XMLRPC_VALUES_MAX = 1000, XMLRPC_PARAMS_MAX = 4 };

enum xmlrpc_kind { XMLRPC_TEXT, XMLRPC_INTEGER, XMLRPC_LIST };

// The kind says which of the others is set. <value><int>7</int></value> is an XMLRPC_INTEGER with
// the number 7.
struct xmlrpc_param {
    enum xmlrpc_kind kind;
    const char *text;
    int64_t number;
    struct strings list; // of texts
};

struct xmlrpc_call {
    const char *method; // "" when it is not said
    struct xmlrpc_param params[XMLRPC_PARAMS_MAX];
    size_t param_count;
};

// Texts live in the arena. Fails with: MALFORMED (not XML; a document type), INVALID (XML that is no such call),
// TOO_LARGE (over a bound above), NO_MEMORY.
enum status xmlrpc_parse(struct arena *arena, struct text body, struct xmlrpc_call *ret_call,
                         struct error *err);
