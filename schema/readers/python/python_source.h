// SPDX-License-Identifier: MIT
// Static reading of Python source: what a module assigns, defines and calls, without importing or
// running anything. The whole file is tokenised and parsed by the grammar of Python 3 (up to 3.14: strings
// of PEP 701, template strings, type parameters). Only facts that stand literally in the text are
// reported, or follow from it in one way. What is computed is said to be so, never guessed. Everything
// lives in the arena given.
#pragma once

#include "schema/readers/python/python_module.h"

struct python_source_options {
    const char *const *calls_of; // last parts of the callees kept in classes ("add_endpoint")
    size_t calls_of_count;       // 0 = no call is kept
};

// The last of that name, or NULL.
const struct python_assignment *python_find_assignment(const struct python_module *module,
                                                       const char *name);
const struct python_class *python_find_class(const struct python_module *module, const char *name);

// Whether the top level binds the name to anything: assignment, def, class or import.
bool python_binds(const struct python_module *module, const char *name);

// Whether the module may have the name when it runs. False only when its text does not have the name at all,
// imports no "*", and has none of the words by which a module makes names while it runs.
bool python_may_bind(const struct python_module *module, struct text name);

// Reads one module. Source is UTF-8 (a BOM is fine) or says another encoding in its first two
// lines. Fails with: MALFORMED (not Python: file:line), TOO_LARGE (over LIMIT_PYTHON_BYTES),
// NO_MEMORY.
enum status python_source_read(struct arena *arena, const struct source_file *file,
                               const struct python_source_options *options,
                               struct python_module *ret_module, struct error *err);

// The value that the last assignment of a top-level name gives it. These are followed: a name that its
// scope binds once, and never changes, to a literal or a call; dict(…) with literal keywords; * and **
// of a literal; texts side by side or with "+" between, f-strings without fields among them; one call
// of a function of the module's top level with a single return. Whatever else is computed has no JSON
// and says so. Lives in the arena of the module. Fails with: NO_MEMORY.
enum status python_value_read(const struct python_module *module, const char *name,
                              struct python_value *ret_value, struct error *err);

// What a top-level function returns, in the same way; line 0 when it has not one plain return. Fails
// with: NO_MEMORY.
enum status python_returned_read(const struct python_module *module,
                                 const struct python_function *function,
                                 struct python_value *ret_value, struct error *err);

// The line on which the value stands that a JSON pointer leads to from the value of a top-level name; where
// it cannot be followed that far, the line of the last one on the way. The keywords of a call are its
// members. 0 when the top level does not assign the name.
int python_value_line(const struct python_module *module, const char *name, const char *pointer);
