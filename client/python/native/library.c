// SPDX-License-Identifier: MIT
// The module registryclient._library: what reads directories and sends requests to registries. Every call
// opens a handle of its own, which sends no request, so threads need no lock. All work is done with the
// interpreter's lock released. The module is imported on first use, because it loads the network
// libraries.
#include "client/python/native/ask.h"
#include "client/python/native/result_object.h"
#include "client/python/native/sending.h"
#include "client/python/native/values.h"

static struct result_types *state_of(PyObject *module) {
    return PyModule_GetState(module);
}

// What a call that waited returns. NULL with an exception.
static PyObject *give_result(PyObject *module, struct ask *ask, int status,
                             struct registry_result *result, const struct registry_error *fault) {
    if (!ask_end_wait(ask)) {
        registry_result_free(result);
        return NULL;
    }
    return status ? raise_status(status, fault->where, fault->message)
                  : result_object_new(state_of(module), result);
}

PyDoc_STRVAR(walk_doc, "walk(roots, convention) -> Result\n\n"
                       "The plugins in the directories; roots are (label or None, path).");

// Only reads directories: no connection, no snapshot.
static PyObject *module_walk(PyObject *module, PyObject *args) {
    struct registry_error fault = {0};
    struct registry_result *result = NULL;
    scoped(ask_done) struct ask ask = {0};
    int status;
    if (!PyArg_ParseTuple(args, "Oz", &ask.roots_object, &ask.walk.convention) || !ask_read(&ask)) {
        return NULL;
    }
    ask_begin_wait(&ask);
    status = registry_walk(NULL, &ask.walk, &result, &fault);
    return give_result(module, &ask, status, result, &fault);
}

// Runs without the interpreter's lock, like each function below that has no PyObject among its parameters: it
// must not touch Python.
static int resolve(struct ask *ask, struct registry_result **ret, struct registry_error *err) {
    int status = registry_open(&ask->options, &ask->registry, err);
    if (status) {
        return status;
    }
    return registry_resolve_part(ask->registry, &ask->query, &ask->part, ret, err);
}

PyDoc_STRVAR(resolve_doc,
             "resolve(connection, groups, python, prereleases, names, packages) -> Result\n\n"
             "The registry's answer, or the part with these names and packages.");

static PyObject *module_resolve(PyObject *module, PyObject *args) {
    struct registry_error fault = {0};
    struct registry_result *result = NULL;
    int prereleases = 0;
    int status;
    scoped(ask_done) struct ask ask = {0};
    if (!PyArg_ParseTuple(args, "OOzpOO", &ask.connection_object, &ask.groups_object,
                          &ask.query.python, &prereleases, &ask.names_object,
                          &ask.packages_object) ||
        !ask_read(&ask)) {
        return NULL;
    }
    ask.query.prereleases = prereleases;
    ask_begin_wait(&ask);
    status = resolve(&ask, &result, &fault);
    return give_result(module, &ask, status, result, &fault);
}

// Without the GIL, like the other functions here that take an `ask` and return a status.
static int discover(struct ask *ask, const struct registry_discovery *asked,
                    struct registry_result **ret, struct registry_error *err) {
    int status = registry_open(&ask->options, &ask->registry, err);
    if (status) {
        return status;
    }
    return registry_discover(ask->registry, asked, ret, err);
}

PyDoc_STRVAR(discover_doc,
             "discover(connection, groups, python, roots, convention, mode) -> Result\n\n"
             "The plugins of directories and registry, merged as the mode says.");

static PyObject *module_discover(PyObject *module, PyObject *args) {
    struct registry_error fault = {0};
    struct registry_result *result = NULL;
    struct registry_discovery asked = {0};
    int status;
    scoped(ask_done) struct ask ask = {0};
    if (!PyArg_ParseTuple(args, "OOzOzz", &ask.connection_object, &ask.groups_object,
                          &ask.query.python, &ask.roots_object, &ask.walk.convention,
                          &asked.mode) ||
        !ask_read(&ask)) {
        return NULL;
    }
    asked.query = ask.query;
    asked.walk = ask.walk;
    asked.timeout_ms = ask.options.timeout_ms;
    ask_begin_wait(&ask);
    status = discover(&ask, &asked, &result, &fault);
    return give_result(module, &ask, status, result, &fault);
}

// Without the interpreter's lock, as above.
static int compare(struct ask *ask, struct registry_parity **ret, struct registry_error *err) {
    int status = registry_open(&ask->options, &ask->registry, err);
    if (status) {
        return status;
    }
    return registry_compare(ask->registry, &ask->query, &ask->walk, ret, err);
}

PyDoc_STRVAR(compare_doc, "compare(connection, groups, python, roots, convention)\n"
                          "    -> (equal, strictly equal, report as JSON)");

// The report is passed as JSON and parsed in Python: it is made once for a comparison, not for every look-up.
static PyObject *parity_values(struct registry_parity *parity) {
    const char *json = registry_parity_json(parity);
    if (!json) {
        return PyErr_NoMemory();
    }
    return Py_BuildValue("(NNs)", PyBool_FromLong(registry_parity_is_equal(parity, false)),
                         PyBool_FromLong(registry_parity_is_equal(parity, true)), json);
}

// Ctrl-C shows in ask_end_wait as an exception, even if the call succeeded meanwhile: the result is then thrown
// away.
static PyObject *module_compare(PyObject *module, PyObject *args) {
    struct registry_error fault = {0};
    struct registry_parity *parity = NULL;
    int status;
    scoped(ask_done) struct ask ask = {0};
    (void)module;
    if (!PyArg_ParseTuple(args, "OOzOz", &ask.connection_object, &ask.groups_object,
                          &ask.query.python, &ask.roots_object, &ask.walk.convention) ||
        !ask_read(&ask)) {
        return NULL;
    }
    ask_begin_wait(&ask);
    status = compare(&ask, &parity, &fault);
    if (!ask_end_wait(&ask)) {
        registry_parity_free(parity);
        return NULL;
    }
    if (status) {
        return raise_status(status, fault.where, fault.message);
    }
    PyObject *answer = parity_values(parity);
    registry_parity_free(parity);
    return answer;
}

static int refresh(struct ask *ask, bool *ret_changed, struct registry_error *err) {
    int status = registry_open(&ask->options, &ask->registry, err);
    if (status) {
        return status;
    }
    return registry_refresh(ask->registry, 0, ret_changed, err);
}

PyDoc_STRVAR(refresh_doc,
             "refresh(connection) -> bool\n\n"
             "Requests a newer snapshot and caches it. Returns whether there was one.");

static PyObject *module_refresh(PyObject *module, PyObject *args) {
    struct registry_error fault = {0};
    bool changed = false;
    int status;
    scoped(ask_done) struct ask ask = {0};
    (void)module;
    if (!PyArg_ParseTuple(args, "O", &ask.connection_object) || !ask_read(&ask)) {
        return NULL;
    }
    ask_begin_wait(&ask);
    status = refresh(&ask, &changed, &fault);
    if (!ask_end_wait(&ask)) {
        return NULL;
    }
    return status ? raise_status(status, fault.where, fault.message) : PyBool_FromLong(changed);
}

PyDoc_STRVAR(state_doc, "state(connection) -> dict\n\nThe state of the cached snapshot.");

// A dictionary; Python reads its members by these names.
static PyObject *state_values(const struct registry_state *state) {
    const char *const format =
        "{s:N,s:z,s:z,s:L,s:L,s:L,s:L,s:L,s:z,s:z,s:n,s:N,s:z,s:L,s:N,s:N,s:n,s:N,s:N}";
    return Py_BuildValue(
        format, "has_snapshot", PyBool_FromLong(state->has_snapshot), "path", state->path, "epoch",
        state->epoch, "epoch_number", state->epoch_number, "serial", state->serial, "made_at",
        state->made_at, "confirmed_at", state->confirmed_at, "age_seconds", state->age_seconds,
        "environment", state->environment, "question", state->query, "group_count",
        (Py_ssize_t)state->group_count, "is_signed", PyBool_FromLong(state->is_signed), "reason",
        state->reason, "max_age_seconds", state->max_age_seconds, "is_too_old",
        PyBool_FromLong(state->is_too_old), "has_decisions", PyBool_FromLong(state->has_decisions),
        "decision_count", (Py_ssize_t)state->decision_count, "is_listed_only",
        PyBool_FromLong(state->is_listed_only), "settings_left_out",
        PyBool_FromLong(state->settings_left_out));
}

static PyObject *module_state(PyObject *module, PyObject *args) {
    struct registry_error fault = {0};
    struct registry_state state;
    int status;
    scoped(ask_done) struct ask ask = {0};
    (void)module;
    if (!PyArg_ParseTuple(args, "O", &ask.connection_object) || !ask_read(&ask)) {
        return NULL;
    }
    ask_begin_wait(&ask);
    status = registry_open(&ask.options, &ask.registry, &fault);
    if (!ask_end_wait(&ask)) {
        return NULL;
    }
    if (status) {
        return raise_status(status, fault.where, fault.message);
    }
    registry_state(ask.registry, &state);
    return state_values(&state);
}

// ---- the module ----
static PyMethodDef methods[] = {
    {"refresh", module_refresh, METH_VARARGS, refresh_doc},
    {"state", module_state, METH_VARARGS, state_doc},
    {"walk", module_walk, METH_VARARGS, walk_doc},
    {"resolve", module_resolve, METH_VARARGS, resolve_doc},
    {"discover", module_discover, METH_VARARGS, discover_doc},
    {"compare", module_compare, METH_VARARGS, compare_doc},
    {"send", sending_send, METH_VARARGS, sending_send_doc},
    {"publish", sending_publish, METH_VARARGS, sending_publish_doc},
    {NULL, NULL, 0, NULL},
};

static int module_execute(PyObject *module) {
    return result_types_init(module, state_of(module));
}

static int module_clear(PyObject *module) {
    result_types_done(state_of(module));
    return 0;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg) {
    Py_VISIT(state_of(module)->result);
    return 0;
}

DEFINE_MODULE("registryclient._library", "libregistryclient, for registryclient.", result_types,
              module_execute, module_traverse, module_clear);

PyMODINIT_FUNC PyInit__library(void);

PyMODINIT_FUNC PyInit__library(void) {
    return define_module();
}
