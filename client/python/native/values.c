// SPDX-License-Identifier: MIT
// Making Python objects (values.h). The exceptions are classes of registryclient.errors, which is
// imported when one is needed and not before.
#include "client/python/native/values.h"

#include "schema/base/list.h"

#include <string.h>

PyObject *value_text(const char *text) {
    if (!text) {
        return new_reference(Py_None);
    }
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "surrogateescape");
}

// The exception classes are written in Python, so that they can be documented and subclassed; one
// function there chooses by the status. If that fails, its own exception stands.
PyObject *raise_status_findings(int status, const char *where, const char *message,
                                PyObject *findings) {
    scoped(cleanup_object) PyObject *errors = PyImport_ImportModule("registryclient.errors");
    scoped(cleanup_object) PyObject *made =
        errors ? PyObject_CallMethod(errors, "from_status", "issO", status, where, message,
                                     findings ? findings : Py_None)
               : NULL;
    if (made) {
        PyErr_SetObject((PyObject *)Py_TYPE(made), made);
    }
    return NULL;
}

PyObject *raise_status(int status, const char *where, const char *message) {
    return raise_status_findings(status, where, message, NULL);
}

PyObject *raise_error(const struct error *err) {
    return raise_status((int)err->status, err->where, err->message);
}

// NULL becomes None.
PyObject *value_texts(const char *const *texts, size_t count) {
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);
    for (size_t i = 0; tuple && i < count; i++) {
        PyObject *text = value_text(texts[i]);
        if (!text || PyTuple_SetItem(tuple, (Py_ssize_t)i, text) != 0) {
            Py_DECREF(tuple);
            return NULL;
        }
    }
    return tuple;
}

// (is an error, code, where, message, hint)
PyObject *value_finding(const struct registry_finding *finding) {
    const char *texts[] = {finding->code, finding->where, finding->message, finding->hint};
    scoped(cleanup_object) PyObject *rest = value_texts(texts, 4);
    scoped(cleanup_object) PyObject *first =
        Py_BuildValue("(O)", finding->is_error ? Py_True : Py_False);
    return rest && first ? PySequence_Concat(first, rest) : NULL;
}

PyObject *value_findings(const struct registry_finding *findings, size_t count) {
    scoped(cleanup_object) PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < count; i++) {
        scoped(cleanup_object) PyObject *made = value_finding(&findings[i]);
        if (!made || PyList_Append(list, made) != 0) {
            return NULL;
        }
    }
    return list ? new_reference(list) : NULL;
}

PyObject *value_record(const struct registry_record *record) {
    const char *texts[] = {record->group,    record->name,     record->value,       record->package,
                           record->version,  record->source,   record->label,       record->origin,
                           record->manifest, record->settings, record->shadowed_by, record->state};
    return value_texts(texts, COUNT_OF(texts));
}

PyObject *value_decision(const struct registry_decision *decision) {
    const char *texts[] = {decision->group, decision->package, decision->name,  decision->version,
                           decision->code,  decision->message, decision->since, decision->by,
                           decision->pin,   decision->settings};
    const char *last[] = {decision->successor};
    scoped(cleanup_object) PyObject *told = value_texts(texts, COUNT_OF(texts));
    scoped(cleanup_object) PyObject *flags = Py_BuildValue(
        "(OO)", decision->by_name ? Py_True : Py_False, decision->entry_only ? Py_True : Py_False);
    scoped(cleanup_object) PyObject *successor = value_texts(last, COUNT_OF(last));
    scoped(cleanup_object) PyObject *begin = told && flags ? PySequence_Concat(told, flags) : NULL;
    return begin && successor ? PySequence_Concat(begin, successor) : NULL;
}

PyObject *value_decisions(const struct registry_decision *decisions, size_t count) {
    scoped(cleanup_object) PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < count; i++) {
        scoped(cleanup_object) PyObject *made = value_decision(&decisions[i]);
        if (!made || PyList_Append(list, made) != 0) {
            return NULL;
        }
    }
    return list ? new_reference(list) : NULL;
}
