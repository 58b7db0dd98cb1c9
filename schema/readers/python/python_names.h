// SPDX-License-Identifier: MIT
// Where a name gets its value: the scopes of a module and, for a scope and a name, the places that
// bind it. Works on the tokens alone, when somebody asks. Inner header of the Python reader.
#pragma once

#include "schema/readers/python/python_parse.h"

struct python_binding {
    size_t scope; // that binds the name
    size_t count; // of the places that bind it; 0 = none
    size_t first; // tokens[first..end) are the value; first == end: not an assignment of one name
    size_t end;
    int changed_line; // where the value is changed in place afterwards; 0 = nowhere
};

// The innermost scope that holds the token.
size_t python_scope_at(const struct python_module *module, size_t token);

// What one scope does with the name.
struct python_binding python_binding_in(const struct python_module *module, size_t scope,
                                        struct text name);

// The binding that a use of the name at `token` refers to, by Python's rules of scope.
struct python_binding python_binding_of(const struct python_module *module, size_t token);

// The expression of the only "return" of a function, which stands in its outermost block. False when
// there is another shape, or the function is async, decorated or a generator.
bool python_returned(const struct python_module *module, const struct python_function *function,
                     size_t *ret_first, size_t *ret_end);
