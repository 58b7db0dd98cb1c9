// SPDX-License-Identifier: MIT
// Reading a wish (wish.h): the same steps as registry_open, without the parts that ask a registry.
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

// The markers as parts of a question. False with an exception.
static bool read_markers(struct arena *arena, PyObject *markers,
                         struct registry_question *question) {
    scoped(cleanup_object) PyObject *items = PySequence_Tuple(markers);
    size_t count = items ? (size_t)PyTuple_Size(items) : 0;
    struct question_part *parts = items ? arena_array(arena, count + 1, sizeof *parts) : NULL;
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
        parts[i] = (struct question_part){"marker", arena_printf(arena, "%s=%s", name, value)};
    }
    if (items && !parts) {
        PyErr_NoMemory();
    }
    question->facts = parts;
    question->fact_count = count;
    return parts;
}

static bool ask(struct wish *wish, const struct words *words) {
    struct error fault = {0};
    struct connection connection;
    struct connection given = {.url = words->url, .environment = words->environment};
    struct registry_question question = {.python = words->python};
    if (!read_markers(wish->arena, words->markers, &question)) {
        return false;
    }
    enum status failed = connection_settings(wish->arena, &given, &connection, &fault);
    failed = failed ? failed : snapshot_kept_pin(NULL, &wish->wish, &fault);
    wish->wish.url = connection.url;
    wish->wish.environment = connection.environment;
    wish->wish.question =
        failed ? NULL : source_registry_question(wish->arena, connection.environment, &question);
    if (!failed && !wish->wish.question) {
        failed = fail_no_memory(&fault);
    }
    failed = failed ? failed : snapshot_kept_find(wish->arena, &wish->wish, &wish->place, &fault);
    if (failed) {
        raise_error(&fault);
    }
    return !failed;
}

bool wish_read(PyObject *args, struct wish *ret_wish) {
    struct words words;
    *ret_wish = (struct wish){.arena = arena_new(0)};
    if (!ret_wish->arena) {
        PyErr_NoMemory();
        return false;
    }
    if (!PyArg_ParseTuple(args, "OzzzOO", &words.path, &words.url, &words.environment,
                          &words.python, &words.markers, &words.cache_dir)) {
        return false;
    }
    struct snapshot_wish *wish = &ret_wish->wish;
    if (words.path != Py_None) {
        wish->path = copy_path(ret_wish->arena, words.path);
        wish->is_any = true;
    }
    if (words.cache_dir != Py_None) {
        wish->cache_dir = copy_path(ret_wish->arena, words.cache_dir);
    }
    return !PyErr_Occurred() && ask(ret_wish, &words);
}

void wish_done(struct wish *wish) {
    arena_free(wish->arena);
    wish->arena = NULL;
}
