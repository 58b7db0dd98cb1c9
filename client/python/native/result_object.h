// SPDX-License-Identifier: MIT
// A list of records of the library as a Python class: a record becomes a tuple when it is asked for, not
// before. Read-only once made, but for the JSON text, which is made with the interpreter's lock held.
#pragma once

#include "client/python/native/python_api.h"

#include "client/include/registryclient.h"

struct result_types {
    PyTypeObject *result;
};

// Makes the class for one module object. -1 with an exception.
int result_types_init(PyObject *module, struct result_types *ret_types);
void result_types_done(struct result_types *types);

// Takes the result, in success and in failure.
PyObject *result_object_new(const struct result_types *types, struct registry_result *result);
