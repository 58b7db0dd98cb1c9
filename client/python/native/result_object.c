// SPDX-License-Identifier: MIT
// The class Result (result_object.h): an index in, plain tuples out. The Python side names their members
// (Record.FIELDS, which has the same order as value_record and record() in snapshot_object.c). All methods run with the
// interpreter's lock held, so a cached JSON text needs no lock of its own.
#include "client/python/native/result_object.h"

#include "client/python/native/values.h"
#include "schema/base/list.h"

struct result_object {
    PyObject_HEAD struct registry_result *result;
};

static struct registry_result *result_of(PyObject *self) {
    return ((struct result_object *)self)->result;
}

// Takes the result over, also when it fails: the caller never frees it.
PyObject *result_object_new(const struct result_types *types, struct registry_result *result) {
    PyObject *self = PyType_GenericAlloc(types->result, 0);
    if (!self) {
        registry_result_free(result);
        return NULL;
    }
    ((struct result_object *)self)->result = result;
    return self;
}

// The result owns every text; the tuples that Python got are copies.
static void result_dealloc(PyObject *self) {
    registry_result_free(result_of(self));
    free_object(self);
}

static Py_ssize_t result_length(PyObject *self) {
    return (Py_ssize_t)registry_result_count(result_of(self));
}

// PyLong_AsSize_t refuses negative numbers and other types with an exception of its own.
static const struct registry_record *find_record(PyObject *self, PyObject *number) {
    size_t index = PyLong_AsSize_t(number);
    if (PyErr_Occurred()) {
        return NULL;
    }
    const struct registry_record *record = registry_result_record(result_of(self), index);
    if (!record) {
        PyErr_SetString(PyExc_IndexError, "The index is out of range");
    }
    return record;
}

PyDoc_STRVAR(record_doc, "record(index) -> tuple\n\nThe texts of a record, in the order of "
                         "registryclient.records.Record.FIELDS.");

static PyObject *result_method_record(PyObject *self, PyObject *number) {
    const struct registry_record *record = find_record(self, number);
    return record ? value_record(record) : NULL;
}

PyDoc_STRVAR(findings_doc, "findings(index) -> list[tuple]\n\nWarnings and errors of a record.");

static PyObject *result_method_findings(PyObject *self, PyObject *number) {
    const struct registry_record *record = find_record(self, number);
    return record ? value_findings(record->findings, record->finding_count) : NULL;
}

PyDoc_STRVAR(diagnostics_doc, "diagnostics() -> list[tuple]\n\nProblems of the sources.");

static PyObject *result_method_diagnostics(PyObject *self, PyObject *nothing) {
    (void)nothing;
    size_t count;
    const struct registry_finding *items = registry_result_diagnostics(result_of(self), &count);
    return value_findings(items, count);
}

PyDoc_STRVAR(withheld_doc, "withheld() -> list[tuple]\n\n"
                           "(record, findings) of each walked plugin that decisions withhold.");

// [(record, findings), …]
static PyObject *result_method_withheld(PyObject *self, PyObject *nothing) {
    (void)nothing;
    size_t count;
    const struct registry_record *items = registry_result_withheld(result_of(self), &count);
    scoped(cleanup_object) PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < count; i++) {
        scoped(cleanup_object) PyObject *record = value_record(&items[i]);
        scoped(cleanup_object) PyObject *findings =
            value_findings(items[i].findings, items[i].finding_count);
        scoped(cleanup_object) PyObject *pair =
            record && findings ? PyTuple_Pack(2, record, findings) : NULL;
        if (!pair || PyList_Append(list, pair) != 0) {
            return NULL;
        }
    }
    return list ? new_reference(list) : NULL;
}

PyDoc_STRVAR(decisions_doc,
             "decisions() -> list[tuple]\n\nThe decisions that came with the answer.");

static PyObject *result_method_decisions(PyObject *self, PyObject *nothing) {
    (void)nothing;
    size_t count;
    const struct registry_decision *items = registry_result_decisions(result_of(self), &count);
    return value_decisions(items, count);
}

PyDoc_STRVAR(json_doc, "json() -> str\n\nThe records as registryctl prints them.");

static PyObject *result_method_json(PyObject *self, PyObject *nothing) {
    (void)nothing;
    const char *json = registry_result_json(result_of(self));
    return json ? value_text(json) : PyErr_NoMemory();
}

static PyMethodDef result_methods[] = {
    {"record", result_method_record, METH_O, record_doc},
    {"findings", result_method_findings, METH_O, findings_doc},
    {"diagnostics", result_method_diagnostics, METH_NOARGS, diagnostics_doc},
    {"withheld", result_method_withheld, METH_NOARGS, withheld_doc},
    {"decisions", result_method_decisions, METH_NOARGS, decisions_doc},
    {"json", result_method_json, METH_NOARGS, json_doc},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot result_slots[] = {
    {Py_tp_doc, (void *)"A list of records of the library."},
    {Py_tp_dealloc, result_dealloc},
    {Py_tp_methods, result_methods},
    {Py_sq_length, result_length},
    {0, NULL},
};

static PyType_Spec result_spec = {
    .name = "registryclient._library.Result",
    .basicsize = sizeof(struct result_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = result_slots,
};

int result_types_init(PyObject *module, struct result_types *ret_types) {
    ret_types->result = add_type(module, &result_spec);
    return ret_types->result ? 0 : -1;
}

void result_types_done(struct result_types *types) {
    Py_CLEAR(types->result);
}
