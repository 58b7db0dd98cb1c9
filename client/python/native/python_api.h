// SPDX-License-Identifier: MIT
// What the extension modules share of Python's C API: the limited API of 3.10, so that one build serves
// every later Python, and scoped references. Include it before anything else.
#pragma once

#define Py_LIMITED_API 0x030A0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <assert.h>

#include "schema/base/cleanup.h"

// By the functions, not the macros: from 3.12 on None, True and small numbers are immortal, which the
// macros of the limited API of 3.10 do not know.
// `scoped(cleanup_object) PyObject *list = PyList_New(0);` drops its reference on every return,
// also after an exception. The function that returns the list gives new_reference(list) to its
// caller. NULL is fine: Py_DecRef ignores it.
static inline void cleanup_object(PyObject **handle) {
    Py_DecRef(*handle);
}

static inline PyObject *new_reference(PyObject *object) {
    Py_IncRef(object);
    return object;
}

// Defines the function `define_module`, for PyInit_..., in the one file of an extension module. Its state is
// a `struct state_type`; `execute`, `traverse` and `clear` are as in PyModuleDef. There are two
// definitions: Python before 3.12 does not know the slot that says that each interpreter of the process,
// with a lock of its own, may load the module.
#define DEFINE_MODULE(name, doc, state_type, execute, traverse, clear)                             \
    static void free_module(void *module) {                                                        \
        clear(module);                                                                             \
    }                                                                                              \
    static PyModuleDef_Slot slots[] = {{Py_mod_exec, execute}, {0, NULL}};                         \
    static PyModuleDef_Slot slots_312[] = {                                                        \
        {Py_mod_exec, execute},                                                                    \
        {3 /* Py_mod_multiple_interpreters */, (void *)2 /* each with a lock of its own */},       \
        {0, NULL}};                                                                                \
    static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT,                                 \
                                            name,                                                  \
                                            doc,                                                   \
                                            sizeof(struct state_type),                             \
                                            methods,                                               \
                                            slots,                                                 \
                                            traverse,                                              \
                                            clear,                                                 \
                                            free_module};                                          \
    static struct PyModuleDef definition_312 = {PyModuleDef_HEAD_INIT,                             \
                                                name,                                              \
                                                doc,                                               \
                                                sizeof(struct state_type),                         \
                                                methods,                                           \
                                                slots_312,                                         \
                                                traverse,                                          \
                                                clear,                                             \
                                                free_module};                                      \
    static PyObject *define_module(void) {                                                         \
        return PyModuleDef_Init(knows_slots_of_312() ? &definition_312 : &definition);             \
    }                                                                                              \
    static_assert(sizeof(struct state_type) > 0, "so that the macro ends with a semicolon")

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
