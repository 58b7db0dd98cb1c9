// SPDX-License-Identifier: MIT
// The facts of a Python module, as python_source.h gives them. Callers include that header;
// this one is what the parts of the parser fill.
#pragma once

#include "schema/readers/core/reader.h"

struct python_token;
struct python_scope;

// A parameter of a function, in order, as written: "self", "db", "*args", "**kwargs", "/" left out.
struct python_parameter {
    const char *name;
    bool variadic;    // *args or **kwargs
    bool has_default; // "x=1"
};

struct python_function {
    const char *name;
    int line; // of its "def", from 1
    bool is_async;
    bool is_decorated; // a decorator may replace it at run time
    bool conditional;  // under if, try, with, for or while
    size_t scope;      // in the module's scopes
    struct python_parameter *parameters;
    size_t parameter_count;
};

// An argument of a call, in order. Names in it are followed as in python_value_read.
// `add("crm", order=10, hooks=load())` has three: {NULL, "\"crm\""}, {"order", "10"} and {"hooks",
// NULL}, the last with the reason why it is not known.
struct python_argument {
    const char *name;    // NULL: given by position
    const char *json;    // NULL when the value is not literal
    const char *why_not; // with json NULL: "not a literal (line 7)", ...
    const char *type;    // written as a type: "ProductData", "list[models.Product]"; else NULL
    int line;
};

struct python_call {
    const char *callee; // dotted: "self.http.add_endpoint"
    int line;
    struct python_argument *arguments; // those of a literal dict behind ** as keywords
    size_t argument_count;
    bool more;    // * or ** gives arguments that are known only at run time
    size_t first; // its first token
};

// A name that the top level assigns; python_value_read says what.
struct python_assignment {
    const char *name;
    int line;         // of its target, from 1
    bool conditional; // under if, try, with, for or while
    size_t first;     // tokens [first..end) are the value; first == end: changed in place
    size_t end;
};

// What a name stands for. All NULL when it cannot be determined and the reason is unknown.
struct python_value {
    int line;                       // of the name; 0 = the top level does not assign it
    const char *json;               // as JSON text; NULL when not literal, or no JSON
    const char *why_not;            // with json NULL: "not a literal (line 7)", ...
    const struct python_call *call; // when it is made by a call of a dotted name, else NULL
};

// `class Crm(base.Plugin, metaclass=M):` has the name "Crm" and the base "base.Plugin".
struct python_class {
    const char *name;
    int line;           // of its "class", from 1
    bool conditional;   // under if, try, with, for or while
    const char **bases; // dotted names; an entry is NULL when the base is another expression
    size_t base_count;
    struct python_function *methods; // in the class body itself, conditional ones included
    size_t method_count;
    struct python_call *calls; // anywhere in the class, of the callee asked for
    size_t call_count;
};

// The top level of a module, in the order of the source. Names may repeat; the last one counts.
struct python_module {
    const char **imports; // names that import statements bind ("a" of "import a.b", "c" of "as c")
    size_t import_count;
    struct python_assignment *assignments;
    size_t assignment_count;
    struct python_class *classes;
    size_t class_count;
    struct python_function *functions;
    size_t function_count;
    // what values are read from, when somebody asks
    struct arena *arena;
    const struct python_token *tokens; // of the whole file; borrowed by calls and assignments
    struct python_scope *scopes;
    size_t scope_count;
};
