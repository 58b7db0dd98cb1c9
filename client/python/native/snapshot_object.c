// SPDX-License-Identifier: MIT
// Snapshot and Group (snapshot_object.h). Opening runs without the interpreter's lock. Groups are read
// and checked under it: a handle is one thread's at a time, and it is microseconds.
#include "client/python/native/snapshot_object.h"

#include "client/python/native/values.h"
#include "schema/snapshot/query_string.h"
#include "schema/base/list.h"

struct snapshot_object {
    PyObject_HEAD struct snapshot_file file;
    PyTypeObject *group_type; // owned
};

struct group_object {
    PyObject_HEAD PyObject *snapshot; // owned: the mapping must outlive us
    struct snapshot_group group;
};

// The casts hold because a method is only called with an object of its own type.
static struct snapshot_object *as_snapshot(PyObject *self) {
    return (struct snapshot_object *)self;
}

static struct group_object *as_group(PyObject *self) {
    return (struct group_object *)self;
}

// ---- Snapshot ----

// Takes the open file over, also when it fails. The object keeps the type of its groups alive.
PyObject *snapshot_object_new(const struct snapshot_types *types, struct snapshot_file *file) {
    PyObject *self = PyType_GenericAlloc(types->snapshot, 0);
    if (!self) {
        snapshot_file_close(file);
        return NULL;
    }
    as_snapshot(self)->file = *file;
    as_snapshot(self)->group_type = types->group;
    Py_INCREF(types->group);
    return self;
}

static void snapshot_dealloc(PyObject *self) {
    snapshot_file_close(&as_snapshot(self)->file);
    Py_XDECREF(as_snapshot(self)->group_type);
    free_object(self);
}

// A group points into the memory of its file, so it holds a reference to the Snapshot and never outlives it.
static PyObject *new_group(PyObject *self, const struct snapshot_group *group) {
    PyObject *made = PyType_GenericAlloc(as_snapshot(self)->group_type, 0);
    if (made) {
        as_group(made)->snapshot = new_reference(self);
        as_group(made)->group = *group;
    }
    return made;
}

PyDoc_STRVAR(find_doc, "find(group) -> Group | None\n\nThe group of that name, checked.");

// Hot path of every look-up: one search by name. The first call for a group also reads and checks its block.
static PyObject *snapshot_method_find(PyObject *self, PyObject *name) {
    struct error fault = {0};
    struct snapshot_group group;
    const char *text = PyUnicode_AsUTF8AndSize(name, NULL);
    if (!text) {
        return NULL;
    }
    enum status status = snapshot_file_find(&as_snapshot(self)->file, text, &group, &fault);
    if (status == STATUS_NOT_FOUND) {
        return new_reference(Py_None);
    }
    return status ? raise_error(&fault) : new_group(self, &group);
}

PyDoc_STRVAR(groups_doc, "groups() -> list[Group]\n\nEvery group of the file, sorted by name.");

// scoped() drops the list on every path, so the one that is returned is a new reference.
static PyObject *snapshot_method_groups(PyObject *self, PyObject *nothing) {
    (void)nothing;
    const struct snapshot *snapshot = &as_snapshot(self)->file.snapshot;
    scoped(cleanup_object) PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list && i < snapshot->group_count; i++) {
        struct error fault = {0};
        struct snapshot_group group;
        enum status status = snapshot_file_group(&as_snapshot(self)->file, i, &group, &fault);
        scoped(cleanup_object) PyObject *made =
            status ? raise_error(&fault) : new_group(self, &group);
        if (!made || PyList_Append(list, made) != 0) {
            return NULL;
        }
    }
    return new_reference(list);
}

PyDoc_STRVAR(origin_doc,
             "origin() -> (epoch, serial, made_at, confirmed_at, environment, question)");

// (epoch, serial, made at, confirmed at, environment, question); times in seconds since 1970.
static PyObject *snapshot_method_origin(PyObject *self, PyObject *nothing) {
    (void)nothing;
    const struct snapshot_file *file = &as_snapshot(self)->file;
    const struct snapshot_origin *origin = &file->snapshot.origin;
    return Py_BuildValue("(sLLLss)", origin->epoch, (long long)origin->serial,
                         (long long)origin->made_at_seconds, (long long)file->confirmed_at_seconds,
                         origin->environment, origin->query);
}

PyDoc_STRVAR(has_group_doc,
             "has_group(group) -> bool\n\n"
             "Whether the snapshot covers the group: it holds all groups, or this one.");

static PyObject *snapshot_method_has_group(PyObject *self, PyObject *name) {
    const char *query = as_snapshot(self)->file.snapshot.origin.query;
    const char *text = PyUnicode_AsUTF8AndSize(name, NULL);
    return text ? PyBool_FromLong(query_string_has_group(query, text)) : NULL;
}

// ---- decisions ----

static PyObject *list_decisions(const struct decisions *decisions) {
    scoped(cleanup_object) PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < decisions->count; i++) {
        const struct decision *from = &decisions->items[i];
        struct registry_decision shown = {
            from->group,   from->package,    from->name,     from->version, from->code,
            from->message, from->since,      from->by,       from->pin,     from->settings,
            from->by_name, from->entry_only, from->successor};
        scoped(cleanup_object) PyObject *made = value_decision(&shown);
        if (!made || PyList_Append(list, made) != 0) {
            return NULL;
        }
    }
    return list ? new_reference(list) : NULL;
}

PyDoc_STRVAR(decisions_doc,
             "decisions(group) -> list[tuple] | None\n\n"
             "The decisions about a group, or with None about all. None: the snapshot has none,\n"
             "because it was made from a walk or by an earlier version.");

// The block of decisions is read and checked by the first call; a look-up of records never touches it.
static PyObject *snapshot_method_decisions(PyObject *self, PyObject *name) {
    struct error fault = {0};
    struct decisions decisions = {0};
    const char *group = NULL;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return PyErr_NoMemory();
    }
    if (name != Py_None) {
        group = PyUnicode_AsUTF8AndSize(name, NULL);
        if (!group) {
            return NULL;
        }
    }
    if (!as_snapshot(self)->file.snapshot.has_decisions) {
        return new_reference(Py_None);
    }
    enum status status =
        snapshot_file_decisions(arena, &as_snapshot(self)->file, group, &decisions, &fault);
    return status ? raise_error(&fault) : list_decisions(&decisions);
}

PyDoc_STRVAR(policy_doc,
             "policy() -> (is_listed_only, settings_left_out, max_age_seconds, has_notes)");

// (only listed packages, settings left out, age in seconds after which the file is too old, look-ups read the decisions)
static PyObject *snapshot_method_policy(PyObject *self, PyObject *nothing) {
    (void)nothing;
    const struct snapshot_origin *origin = &as_snapshot(self)->file.snapshot.origin;
    return Py_BuildValue("(OOLO)", origin->is_listed_only ? Py_True : Py_False,
                         origin->settings_left_out ? Py_True : Py_False,
                         (long long)origin->max_age_seconds,
                         as_snapshot(self)->file.snapshot.has_notes ? Py_True : Py_False);
}

static PyMethodDef snapshot_methods[] = {
    {"find", snapshot_method_find, METH_O, find_doc},
    {"groups", snapshot_method_groups, METH_NOARGS, groups_doc},
    {"origin", snapshot_method_origin, METH_NOARGS, origin_doc},
    {"has_group", snapshot_method_has_group, METH_O, has_group_doc},
    {"decisions", snapshot_method_decisions, METH_O, decisions_doc},
    {"policy", snapshot_method_policy, METH_NOARGS, policy_doc},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot snapshot_slots[] = {
    {Py_tp_doc, (void *)"A snapshot file, open and checked."},
    {Py_tp_dealloc, snapshot_dealloc},
    {Py_tp_methods, snapshot_methods},
    {0, NULL},
};

static PyType_Spec snapshot_spec = {
    .name = "registryclient._native.Snapshot",
    .basicsize = sizeof(struct snapshot_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = snapshot_slots,
};

// ---- Group ----

// This may be the last reference to the Snapshot, whose file is closed then.
static void group_dealloc(PyObject *self) {
    Py_XDECREF(as_group(self)->snapshot);
    free_object(self);
}

// Broken and shadowed records count too: indexes are those of the file.
static Py_ssize_t group_length(PyObject *self) {
    return (Py_ssize_t)as_group(self)->group.record_count;
}

PyDoc_STRVAR(name_doc, "name() -> str");

static PyObject *group_method_name(PyObject *self, PyObject *nothing) {
    (void)nothing;
    return value_text(as_group(self)->group.name);
}

PyDoc_STRVAR(packages_doc,
             "packages() -> set[str]\n\nThe packages of all its records, broken ones too.");

static PyObject *group_method_packages(PyObject *self, PyObject *nothing) {
    (void)nothing;
    const struct snapshot_group *group = &as_group(self)->group;
    scoped(cleanup_object) PyObject *set = PySet_New(NULL);
    for (uint32_t i = 0; set && i < group->record_count; i++) {
        struct record record;
        snapshot_record(group, i, &record);
        scoped(cleanup_object) PyObject *package =
            record.package ? value_text(record.package) : NULL;
        if (record.package && (!package || PySet_Add(set, package) != 0)) {
            return NULL;
        }
    }
    return set ? new_reference(set) : NULL;
}

PyDoc_STRVAR(pairs_doc,
             "pairs() -> list[tuple[int, str, str]]\n\n"
             "Index, name and value of each entry point that is neither broken nor shadowed.");

// [(number, name, value), …] of the records that a host would load: no shadowed ones. The number
// is what group_method_record takes, so that the rest of a record is made only if it is needed.
static PyObject *group_method_pairs(PyObject *self, PyObject *nothing) {
    (void)nothing;
    const struct snapshot_group *group = &as_group(self)->group;
    scoped(cleanup_object) PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list && i < group->record_count; i++) {
        struct record record;
        snapshot_record(group, i, &record);
        if (!record.name || !record.value || record.shadowed_by) {
            continue;
        }
        scoped(cleanup_object) PyObject *pair =
            Py_BuildValue("(Iss)", i, record.name, record.value);
        if (!pair || PyList_Append(list, pair) != 0) {
            return NULL;
        }
    }
    return new_reference(list);
}

// A negative number raises OverflowError in PyLong_AsUnsignedLong; a list's -1 is not meant here.
static bool read_index(PyObject *self, PyObject *number, uint32_t *ret_index) {
    unsigned long index = PyLong_AsUnsignedLong(number);
    if (PyErr_Occurred()) {
        return false;
    }
    if (index >= as_group(self)->group.record_count) {
        PyErr_SetString(PyExc_IndexError, "The index is out of range");
        return false;
    }
    *ret_index = (uint32_t)index;
    return true;
}

PyDoc_STRVAR(record_doc, "record(index) -> tuple\n\nThe texts of a record, in the order of "
                         "registryclient.records.Record.FIELDS.");

// The order of the texts is that of Record in the Python package.
static PyObject *group_method_record(PyObject *self, PyObject *number) {
    uint32_t index;
    struct record record;
    if (!read_index(self, number, &index)) {
        return NULL;
    }
    snapshot_record(&as_group(self)->group, index, &record);
    const char *texts[] = {as_group(self)->group.name,
                           record.name,
                           record.value,
                           record.package,
                           record.version,
                           record.source,
                           record.label,
                           record.origin,
                           record.manifest,
                           record.settings,
                           record.shadowed_by,
                           record.state};
    return value_texts(texts, COUNT_OF(texts));
}

static PyObject *list_findings(const struct findings *findings) {
    scoped(cleanup_object) PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < findings->count; i++) {
        const struct finding *from = &findings->items[i];
        struct registry_finding shown = {from->severity == SEVERITY_ERROR, from->code, from->where,
                                         from->message, from->hint};
        scoped(cleanup_object) PyObject *made = value_finding(&shown);
        if (!made || PyList_Append(list, made) != 0) {
            return NULL;
        }
    }
    return new_reference(list);
}

PyDoc_STRVAR(findings_doc, "findings(index) -> list[tuple]\n\nWarnings and errors of a record.");

static PyObject *group_method_findings(PyObject *self, PyObject *number) {
    uint32_t index;
    struct error fault = {0};
    struct findings findings;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    if (!arena) {
        return PyErr_NoMemory();
    }
    if (!read_index(self, number, &index)) {
        return NULL;
    }
    findings_init(&findings, arena);
    if (snapshot_read_findings(&as_group(self)->group, index, &findings, &fault)) {
        return raise_error(&fault);
    }
    return list_findings(&findings);
}

static PyMethodDef group_methods[] = {
    {"name", group_method_name, METH_NOARGS, name_doc},
    {"packages", group_method_packages, METH_NOARGS, packages_doc},
    {"pairs", group_method_pairs, METH_NOARGS, pairs_doc},
    {"record", group_method_record, METH_O, record_doc},
    {"findings", group_method_findings, METH_O, findings_doc},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot group_slots[] = {
    {Py_tp_doc, (void *)"A group of a snapshot, checked."},
    {Py_tp_dealloc, group_dealloc},
    {Py_tp_methods, group_methods},
    {Py_sq_length, group_length},
    {0, NULL},
};

static PyType_Spec group_spec = {
    .name = "registryclient._native.Group",
    .basicsize = sizeof(struct group_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = group_slots,
};

int snapshot_types_init(PyObject *module, struct snapshot_types *ret_types) {
    ret_types->snapshot = add_type(module, &snapshot_spec);
    ret_types->group = add_type(module, &group_spec);
    return ret_types->snapshot && ret_types->group ? 0 : -1;
}

void snapshot_types_done(struct snapshot_types *types) {
    Py_CLEAR(types->snapshot);
    Py_CLEAR(types->group);
}
