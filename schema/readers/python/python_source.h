// SPDX-License-Identifier: MIT
// Static reading of Python source: what a module assigns, defines and calls, without importing or
// running anything. The whole file is tokenised and parsed by the grammar of Python 3 (up to 3.12,
// PEP 701 strings and type parameters included); only facts that stand literally in the text are
// reported. What is not literal is said to be so, never guessed. Everything lives in the arena
// given.
#pragma once

#include "schema/readers/core/reader.h"

// A parameter of a function, in order, as written: "self", "db", "*args", "**kwargs", "/" left out.
struct python_parameter {
    const char *name;
    bool variadic; // *args or **kwargs
    bool has_default;
};

struct python_function {
    const char *name;
    int line;
    bool is_async;
    bool conditional; // under if, try, with, for or while
    struct python_parameter *parameters;
    size_t parameter_count;
};

// A keyword argument of a call. `json` is NULL when the value is not literal.
struct python_argument {
    const char *name;
    const char *json;
    int line;
};

struct python_call {
    const char *callee; // dotted: "self.http.add_endpoint"
    int line;
    struct python_argument *arguments; // keyword arguments only
    size_t argument_count;
};

struct python_assignment {
    const char *name;
    int line;
    bool conditional;
    const char *json;               // the value as JSON text; NULL when not literal, or no JSON
    const char *why_not;            // with json NULL: "not a literal (line 7)", ...
    const struct python_call *call; // when the value is a call of a dotted name, else NULL
};

struct python_class {
    const char *name;
    int line;
    bool conditional;
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
};

struct python_source_options {
    const char *calls_of; // last part of the callees kept in classes ("add_endpoint"); NULL = none
};

// The last of that name, or NULL.
const struct python_assignment *python_find_assignment(const struct python_module *module,
                                                       const char *name);
const struct python_class *python_find_class(const struct python_module *module, const char *name);

// Whether the top level binds the name to anything: assignment, def, class or import.
bool python_binds(const struct python_module *module, const char *name);

// Reads one module. Source is UTF-8 (a BOM is fine) or says another encoding in its first two
// lines. Fails with: MALFORMED (not Python: file:line), TOO_LARGE (over LIMIT_PYTHON_BYTES),
// NO_MEMORY.
enum status python_source_read(struct arena *arena, const struct source_file *file,
                               const struct python_source_options *options,
                               struct python_module *ret_module, struct error *err);
