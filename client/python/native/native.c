// SPDX-License-Identifier: MIT
// The module registryclient._native: the look-up path. It opens snapshots, reads entry_points.txt, and has
// the list of statuses. It loads no network library, so importing it takes a fraction of a millisecond.
// Which snapshot a program wants is found by the same steps as in registry_open, without those that need a
// registry. Memory that a text is made from belongs to a Python object that outlives it (snapshot_object.h).
#include "client/python/native/snapshot_object.h"

#include "client/python/native/values.h"
#include "client/remote/source_registry.h"
#include "client/snapshot/snapshot_cache.h"
#include "schema/base/status.h"
#include "schema/packaging/entry_points_txt.h"
#include "schema/packaging/version/specifier.h"

// ---- which snapshot ----

// A file, or the last-known-good snapshot of a registry, an environment and facts.
struct selector {
    struct arena *arena; // of all texts; freed by selector_done
    struct snapshot_selector selector;
    struct snapshot_path location;
};

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

// The same rules as in the C library choose the file, so that Python and C hosts share the cache.
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

// Reads (path or None, url, environment, python, markers, cache_dir). What is None comes from the environment
// variables; markers are (name, value). False with an exception. Call selector_done in either case.
static bool read_selector(PyObject *args, struct selector *ret_selector) {
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

static void selector_done(struct selector *selector) {
    arena_free(selector->arena);
    selector->arena = NULL;
}

// ---- the functions ----

static struct snapshot_types *state_of(PyObject *module) {
    return PyModule_GetState(module);
}

PyDoc_STRVAR(open_doc,
             "open_snapshot(path, url, environment, python, markers, cache_dir) -> Snapshot\n\n"
             "Opens the snapshot at a path; if the path is None, the last-known-good one.");

// Reading the file may wait for a disk, so other threads run meanwhile.
static PyObject *module_open(PyObject *module, PyObject *args) {
    struct error fault = {0};
    struct snapshot_file file = {0};
    enum status status;
    scoped(selector_done) struct selector selector;
    if (!read_selector(args, &selector)) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS;
    status = snapshot_cache_open(&selector.selector, &selector.location, &file, &fault);
    Py_END_ALLOW_THREADS;
    return status ? raise_error(&fault) : snapshot_object_new(state_of(module), &file);
}

PyDoc_STRVAR(path_doc,
             "snapshot_path(path, url, environment, python, markers, cache_dir) -> str\n\n"
             "Which file open_snapshot would open.");

static PyObject *module_path(PyObject *module, PyObject *args) {
    (void)module;
    scoped(selector_done) struct selector selector;
    return read_selector(args, &selector) ? PyUnicode_DecodeFSDefault(selector.location.path)
                                          : NULL;
}

PyDoc_STRVAR(statuses_doc,
             "statuses() -> list[tuple[str, int, int, str]]\n\n"
             "Every outcome: name, HTTP status, exit code, sentence; in their order.");

static PyObject *module_statuses(PyObject *module, PyObject *nothing) {
    (void)module;
    (void)nothing;
    scoped(cleanup_object) PyObject *list = PyList_New(0);
    for (int i = 0; list && i < STATUS_COUNT; i++) {
        const struct status_info *info = status_info((enum status)i);
        scoped(cleanup_object) PyObject *row = Py_BuildValue(
            "(siis)", info->wire_name, info->http_status, info->exit_code, info->default_text);
        if (!row || PyList_Append(list, row) != 0) {
            return NULL;
        }
    }
    return new_reference(list);
}

// ---- versions ----

PyDoc_STRVAR(
    version_meets_doc,
    "version_meets(version, wanted, pin) -> bool | None\n\n"
    "Whether a version equals the wanted one (PEP 440), or with wanted None, whether it lies\n"
    "outside the pin. None: the version cannot be read, so nothing is known.");

// A wanted version or a pin that cannot be read is met by nothing: rows come from the registry, and one that
// this version does not understand must not withhold a plugin.
static bool meets(struct arena *arena, const struct version *version, const char *wanted,
                  const char *pin) {
    const struct version *other;
    const struct specifier_set *set;
    if (wanted) {
        return !version_parse(arena, text_from(wanted), &other, NULL) &&
               version_compare(version, other) == 0;
    }
    return pin && !specifier_set_parse(arena, text_from(pin), &set, NULL) &&
           !specifier_set_contains(set, version, PRERELEASES_ALLOW);
}

// Python's own packaging library need not be installed; the rules are PEP 440 either way.
static PyObject *module_version_meets(PyObject *module, PyObject *args) {
    const char *text;
    const char *wanted;
    const char *pin;
    const struct version *version;
    (void)module;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return PyErr_NoMemory();
    }
    if (!PyArg_ParseTuple(args, "zzz", &text, &wanted, &pin)) {
        return NULL;
    }
    if (!text || version_parse(arena, text_from(text), &version, NULL)) {
        return new_reference(Py_None);
    }
    return PyBool_FromLong(meets(arena, version, wanted, pin));
}

// ---- entry_points.txt ----

static PyObject *list_entries(const struct entry_points_txt *file) {
    scoped(cleanup_object) PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < file->count; i++) {
        const struct entry_point *entry = &file->entries[i];
        const char *texts[] = {entry->group, entry->name, entry->value};
        scoped(cleanup_object) PyObject *made = value_texts(texts, 3);
        if (!made || PyList_Append(list, made) != 0) {
            return NULL;
        }
    }
    return new_reference(list);
}

static PyObject *list_lints(const struct lints *lints) {
    scoped(cleanup_object) PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < lints->count; i++) {
        const struct lint *lint = &lints->items[i];
        scoped(cleanup_object) PyObject *made =
            Py_BuildValue("(OsKs)", lint->kind->is_error ? Py_True : Py_False, lint->kind->code,
                          (unsigned long long)lint->line, lint->message);
        if (!made || PyList_Append(list, made) != 0) {
            return NULL;
        }
    }
    return new_reference(list);
}

PyDoc_STRVAR(
    parse_doc,
    "parse_entry_points(data) -> (entries, lints)\n\n"
    "Reads the bytes of an entry_points.txt. Entries are (group, name, value), in the order\n"
    "of the file; lints are (is_error, code, line, message). A line that is not an entry\n"
    "is left out.");

static PyObject *module_parse(PyObject *module, PyObject *data) {
    char *bytes;
    Py_ssize_t len;
    struct error fault = {0};
    const struct entry_points_txt *file = NULL;
    enum status status;
    (void)module;
    if (PyBytes_AsStringAndSize(data, &bytes, &len) != 0) {
        return NULL;
    }
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return PyErr_NoMemory();
    }
    status = entry_points_txt_parse(arena, (struct text){bytes, (size_t)len}, &file, &fault);
    if (status) {
        return raise_error(&fault);
    }
    scoped(cleanup_object) PyObject *entries = list_entries(file);
    scoped(cleanup_object) PyObject *lints = entries ? list_lints(&file->lints) : NULL;
    return lints ? PyTuple_Pack(2, entries, lints) : NULL;
}

// ---- the module ----

static PyMethodDef methods[] = {
    {"open_snapshot", module_open, METH_VARARGS, open_doc},
    {"snapshot_path", module_path, METH_VARARGS, path_doc},
    {"statuses", module_statuses, METH_NOARGS, statuses_doc},
    {"version_meets", module_version_meets, METH_VARARGS, version_meets_doc},
    {"parse_entry_points", module_parse, METH_O, parse_doc},
    {NULL, NULL, 0, NULL},
};

static int module_execute(PyObject *module) {
    return snapshot_types_init(module, state_of(module)) == 0
               ? PyModule_AddStringConstant(module, "VERSION", REGISTRYD_VERSION)
               : -1;
}

static int module_clear(PyObject *module) {
    snapshot_types_done(state_of(module));
    return 0;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg) {
    Py_VISIT(state_of(module)->snapshot);
    Py_VISIT(state_of(module)->group);
    return 0;
}

DEFINE_MODULE("registryclient._native",
              "Snapshots, entry_points.txt and statuses, for registryclient.", snapshot_types,
              module_execute, module_traverse, module_clear);

PyMODINIT_FUNC PyInit__native(void);

PyMODINIT_FUNC PyInit__native(void) {
    return define_module();
}
