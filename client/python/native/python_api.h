// SPDX-License-Identifier: MIT
// What the extension modules share of Python's C API: the limited API of 3.10, so that one build serves
// every later Python, and scoped references. Include it before anything else.
#pragma once

#define Py_LIMITED_API 0x030A0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "schema/base/cleanup.h"

// By the functions, not the macros: from 3.12 on None, True and small numbers are immortal, which the
// macros of the limited API of 3.10 do not know.
static inline void cleanup_object(PyObject **handle) {
    Py_DecRef(*handle);
}

static inline PyObject *new_reference(PyObject *object) {
    Py_IncRef(object);
    return object;
}

// The slots of a module: as Python before 3.12 knows them, and with the word that each interpreter of
// the process, with a lock of its own, may load the module.
#define MODULE_SLOTS(name, execute)                                                                \
    static PyModuleDef_Slot name##_slots[] = {{Py_mod_exec, execute}, {0, NULL}};                  \
    static PyModuleDef_Slot name##_slots_312[] = {                                                 \
        {Py_mod_exec, execute},                                                                    \
        {3 /* Py_mod_multiple_interpreters */, (void *)2 /* each with a lock of its own */},       \
        {0, NULL}}

// Whether the running Python knows the slot of 3.12.
static inline int knows_slots_of_312(void) {
    const char *version = Py_GetVersion(); // "3.12.1 (main, ...": 4 is not in sight
    return strtol(version, NULL, 10) > 3 || strtol(version + 2, NULL, 10) >= 12;
}

// Adds a class without a name in the module: made by the module alone. NULL with an exception.
static inline PyTypeObject *add_type(PyObject *module, PyType_Spec *spec) {
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
}

// Gives back an object of a heap type: the object holds its type.
static inline void free_object(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    PyObject_Free(object);
    Py_DECREF(type);
}
