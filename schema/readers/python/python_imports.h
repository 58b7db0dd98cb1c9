// SPDX-License-Identifier: MIT
// What a module imports, at the top level and inside functions. Works on the tokens alone, when somebody asks.
#pragma once

#include "schema/readers/python/python_module.h"

struct python_import {
    const char *module; // absolute: "domains.users.models"
    const char *
        name; // "User" of "from domains.users.models import User"; NULL: the module itself, or all of it
    int line; // of the statement, from 1
};

struct python_imports {
    struct python_import *items; // in the order of the source
    size_t count;
};

// Lists the imports of the module that is called `dotted` ("domains.users.plugins.login_plugin"), which relative
// imports begin from. A relative import that leads above all packages is left out: Python refuses it, too. Lives in
// the arena of the module. Fails with: NO_MEMORY.
enum status python_imports_read(const struct python_module *module, const char *dotted,
                                struct python_imports *ret_imports, struct error *err);
