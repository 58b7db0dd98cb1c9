// SPDX-License-Identifier: MIT
// Reading arguments, and waiting for the network. Another thread may change a list while we wait, so its
// items and their texts are kept until the end. While a request is under way the interpreter's lock is
// released; about once a second it is taken to let Python handle signals (is_interrupted).
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

// An array with place for the items, freed by ask_done. NULL with an exception.
static void *new_list(struct ask *ask, PyObject *items, size_t size) {
    void *list = items ? calloc((size_t)PyTuple_Size(items) + 1, size) : NULL;
    if (items && !list) {
        PyErr_NoMemory();
    }
    ask->lists[ask->list_count++] = list;
    return list;
}

// The three readers of lists have one shape: take the items as a tuple, allocate an array, fill it. On failure
// the array stays in ask->lists and is freed by ask_done.
static bool read_words(struct ask *ask, PyObject *iterable, const char *const **ret_words,
                       size_t *ret_count) {
    PyObject *items = keep_items(ask, iterable);
    const char **words = new_list(ask, items, sizeof *words);
    for (Py_ssize_t i = 0; words && i < PyTuple_Size(items); i++) {
        words[i] = keep_text(ask, PyTuple_GetItem(items, i));
        if (!words[i]) {
            return false;
        }
    }
    *ret_words = words;
    *ret_count = words ? (size_t)PyTuple_Size(items) : 0;
    return words;
}

// Any iterable of two texts: it is made a tuple first, because it may give its items only once.
static bool read_pairs(struct ask *ask, PyObject *iterable, const struct registry_pair **ret_pairs,
                       size_t *ret_count) {
    PyObject *items = keep_items(ask, iterable);
    struct registry_pair *pairs = new_list(ask, items, sizeof *pairs);
    for (Py_ssize_t i = 0; pairs && i < PyTuple_Size(items); i++) {
        PyObject *pair = keep_items(ask, PyTuple_GetItem(items, i));
        if (!pair || !PyArg_ParseTuple(pair, "ss", &pairs[i].name, &pairs[i].value)) {
            return false;
        }
    }
    *ret_pairs = pairs;
    *ret_count = pairs ? (size_t)PyTuple_Size(items) : 0;
    return pairs;
}

// Called by the thread that waits, which is the one that called us.
static bool is_interrupted(void *context) {
    struct ask *ask = context;
    if (!ask->is_interrupted) {
        PyEval_RestoreThread(ask->thread);
        ask->is_interrupted = PyErr_CheckSignals() != 0;
        ask->thread = PyEval_SaveThread();
    }
    return ask->is_interrupted;
}

void ask_begin_wait(struct ask *ask) {
    ask->thread = PyEval_SaveThread();
}

bool ask_end_wait(struct ask *ask) {
    PyEval_RestoreThread(ask->thread);
    return !ask->is_interrupted;
}

// The order of the values is that of Registry's connection in registry.py. The texts stay in `kept`, which
// lives until ask_done.
static bool read_connection(struct ask *ask) {
    struct registry_options *options = &ask->options;
    struct registry_facts *facts = &options->facts;
    PyObject *snapshot, *markers, *have, *tags;
    int insecure_plain = 0;
    int strict = 0;
    PyObject *items = keep_items(ask, ask->connection_object);
    if (!items ||
        !PyArg_ParseTuple(items, "zzziOzOOOpzp", &options->url, &options->token,
                          &options->environment, &options->timeout_ms, &snapshot, &facts->python,
                          &markers, &have, &tags, &insecure_plain, &options->enforce, &strict)) {
        return false;
    }
    options->insecure_plain = insecure_plain;
    options->strict = strict;
    options->is_cancelled = is_interrupted;
    options->cancel_context = ask;
    options->snapshot = snapshot == Py_None ? NULL : keep_path(ask, snapshot);
    return !PyErr_Occurred() && read_pairs(ask, markers, &facts->markers, &facts->marker_count) &&
           read_pairs(ask, have, &facts->have, &facts->have_count) &&
           read_words(ask, tags, &facts->tags, &facts->tag_count);
}

static bool read_groups(struct ask *ask) {
    return read_words(ask, ask->groups_object, &ask->query.groups, &ask->query.group_count);
}

static bool read_part(struct ask *ask) {
    return read_words(ask, ask->names_object, &ask->part.names, &ask->part.name_count) &&
           read_words(ask, ask->packages_object, &ask->part.packages, &ask->part.package_count);
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
    struct registry_root *roots = new_list(ask, items, sizeof *roots);
    for (Py_ssize_t i = 0; roots && i < PyTuple_Size(items); i++) {
        if (!read_root(ask, PyTuple_GetItem(items, i), &roots[i])) {
            return false;
        }
    }
    ask->walk.roots = roots;
    ask->walk.root_count = roots ? (size_t)PyTuple_Size(items) : 0;
    return roots;
}

bool ask_read(struct ask *ask) {
    ask->kept = PyList_New(0);
    return ask->kept && (!ask->connection_object || read_connection(ask)) &&
           (!ask->groups_object || read_groups(ask)) && (!ask->names_object || read_part(ask)) &&
           (!ask->roots_object || read_roots(ask));
}

// With the GIL held: the kept objects are given back here.
void ask_done(struct ask *ask) {
    registry_close(ask->registry);
    for (size_t i = 0; i < ask->list_count; i++) {
        free(ask->lists[i]);
    }
    Py_CLEAR(ask->kept);
}
