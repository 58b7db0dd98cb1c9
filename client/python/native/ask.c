// SPDX-License-Identifier: MIT
// Reading questions (ask.h). A list may be changed by another thread while we wait; its items and their
// texts are ours until the end.
#include "client/python/native/ask.h"

// The text of a str, kept. NULL with an exception.
static const char *keep_text(struct ask *ask, PyObject *text) {
    return PyList_Append(ask->kept, text) == 0 ? PyUnicode_AsUTF8AndSize(text, NULL) : NULL;
}

// The path in the bytes of the file system, kept. NULL with an exception.
static const char *keep_path(struct ask *ask, PyObject *path) {
    scoped(cleanup_object) PyObject *bytes = NULL;
    if (!PyUnicode_FSConverter(path, &bytes) || PyList_Append(ask->kept, bytes) != 0) {
        return NULL;
    }
    return PyBytes_AsString(bytes);
}

// The items of an iterable as a tuple of its own, kept. NULL with an exception.
static PyObject *keep_items(struct ask *ask, PyObject *iterable) {
    scoped(cleanup_object) PyObject *items = PySequence_Tuple(iterable);
    return items && PyList_Append(ask->kept, items) == 0 ? items : NULL;
}

static bool read_connection(struct ask *ask) {
    PyObject *items = keep_items(ask, ask->connection_object);
    return items && PyArg_ParseTuple(items, "zzzi", &ask->options.url, &ask->options.token,
                                     &ask->options.environment, &ask->options.timeout_ms);
}

static bool read_groups(struct ask *ask) {
    PyObject *items = keep_items(ask, ask->groups_object);
    size_t count = items ? (size_t)PyTuple_Size(items) : 0;
    ask->groups = items ? calloc(count + 1, sizeof *ask->groups) : NULL;
    if (items && !ask->groups) {
        PyErr_NoMemory();
    }
    for (size_t i = 0; ask->groups && i < count; i++) {
        ask->groups[i] = keep_text(ask, PyTuple_GetItem(items, (Py_ssize_t)i));
        if (!ask->groups[i]) {
            return false;
        }
    }
    ask->query.groups = ask->groups;
    ask->query.group_count = count;
    return ask->groups;
}

static bool read_root(struct ask *ask, PyObject *item, struct registry_root *ret_root) {
    PyObject *path;
    if (!PyTuple_Check(item)) {
        PyErr_SetString(PyExc_TypeError, "A root is (label, path)");
        return false;
    }
    if (!PyArg_ParseTuple(item, "zO", &ret_root->label, &path)) {
        return false;
    }
    ret_root->path = keep_path(ask, path);
    return ret_root->path;
}

static bool read_roots(struct ask *ask) {
    PyObject *items = keep_items(ask, ask->roots_object);
    size_t count = items ? (size_t)PyTuple_Size(items) : 0;
    ask->roots = items ? calloc(count + 1, sizeof *ask->roots) : NULL;
    if (items && !ask->roots) {
        PyErr_NoMemory();
    }
    for (size_t i = 0; ask->roots && i < count; i++) {
        if (!read_root(ask, PyTuple_GetItem(items, (Py_ssize_t)i), &ask->roots[i])) {
            return false;
        }
    }
    ask->walk.roots = ask->roots;
    ask->walk.root_count = count;
    return ask->roots;
}

bool ask_read(struct ask *ask) {
    ask->kept = PyList_New(0);
    return ask->kept && (!ask->connection_object || read_connection(ask)) &&
           (!ask->groups_object || read_groups(ask)) && (!ask->roots_object || read_roots(ask));
}

void ask_done(struct ask *ask) {
    registry_close(ask->registry);
    free(ask->groups);
    free(ask->roots);
    Py_CLEAR(ask->kept);
}
