// SPDX-License-Identifier: MIT
// Reading which snapshot a Python program wants: the same steps as registry_open, without the parts that
// need a registry, so that the module _native loads no network library.
#include "client/python/native/snapshot_selector.h"

#include "client/python/native/values.h"
#include "client/remote/source_registry.h"

struct words {
    PyObject *path;
    const char *url;
    const char *environment;
    const char *python;
    PyObject *markers;
    PyObject *cache_dir;
};

static const char *copy_path(struct arena *arena, PyObject *path) {
    scoped(cleanup_object) PyObject *bytes = NULL;
    if (!PyUnicode_FSConverter(path, &bytes)) {
        return NULL;
    }
    const char *copy = arena_strdup(arena, PyBytes_AsString(bytes));
    if (!copy) {
        PyErr_NoMemory();
    }
    return copy;
}

// The markers as parts of a query. False with an exception.
static bool read_markers(struct arena *arena, PyObject *markers, struct source_query *query) {
    scoped(cleanup_object) PyObject *items = PySequence_Tuple(markers);
    size_t count = items ? (size_t)PyTuple_Size(items) : 0;
    struct query_parameter *parts = items ? arena_array(arena, count + 1, sizeof *parts) : NULL;
    for (size_t i = 0; parts && i < count; i++) {
        const char *name;
        const char *value;
        PyObject *item = PyTuple_GetItem(items, (Py_ssize_t)i);
        if (!PyTuple_Check(item)) {
            PyErr_SetString(PyExc_TypeError, "A marker is (name, value)");
            return false;
        }
        if (!PyArg_ParseTuple(item, "ss", &name, &value)) {
            return false;
        }
        parts[i] = (struct query_parameter){"marker", arena_printf(arena, "%s=%s", name, value)};
    }
    if (items && !parts) {
        PyErr_NoMemory();
    }
    query->facts = parts;
    query->fact_count = count;
    return parts;
}

static enum status find_file(struct selector *selector, const struct words *words,
                             const struct source_query *query, struct error *err) {
    struct connection connection;
    struct connection given = {.url = words->url, .environment = words->environment};
    enum status status = connection_settings(selector->arena, &given, &connection, err);
    if (status) {
        return status;
    }
    status = snapshot_cache_pin(NULL, &selector->selector, err);
    if (status) {
        return status;
    }
    selector->selector.url = connection.url;
    selector->selector.environment = connection.environment;
    selector->selector.query = snapshot_cache_query(selector->arena, connection.environment, query);
    if (!selector->selector.query) {
        return fail_no_memory(err);
    }
    return snapshot_cache_find(selector->arena, &selector->selector, &selector->location, err);
}

// False with an exception.
static bool complete(struct selector *selector, const struct words *words) {
    struct error fault = {0};
    struct source_query query = {.python = words->python};
    if (!read_markers(selector->arena, words->markers, &query)) {
        return false;
    }
    if (find_file(selector, words, &query, &fault)) {
        raise_error(&fault);
        return false;
    }
    return true;
}

bool snapshot_selector_read(PyObject *args, struct selector *ret_selector) {
    struct words words;
    *ret_selector = (struct selector){.arena = arena_new(0)};
    if (!ret_selector->arena) {
        PyErr_NoMemory();
        return false;
    }
    if (!PyArg_ParseTuple(args, "OzzzOO", &words.path, &words.url, &words.environment,
                          &words.python, &words.markers, &words.cache_dir)) {
        return false;
    }
    struct snapshot_selector *selector = &ret_selector->selector;
    if (words.path != Py_None) {
        selector->path = copy_path(ret_selector->arena, words.path);
        selector->is_any = true;
    }
    if (words.cache_dir != Py_None) {
        selector->cache_dir = copy_path(ret_selector->arena, words.cache_dir);
    }
    return !PyErr_Occurred() && complete(ret_selector, &words);
}

void snapshot_selector_done(struct selector *selector) {
    arena_free(selector->arena);
    selector->arena = NULL;
}
