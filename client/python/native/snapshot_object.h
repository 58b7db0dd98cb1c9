// SPDX-License-Identifier: MIT
// A snapshot file as two Python classes: Snapshot, the open file, and Group, one checked group of it. Threads
// may share them: a group is read with the interpreter's lock held, and does not change any more. A
// group keeps its file open.
#pragma once

#include "client/python/native/python_api.h"

#include "client/snapshot/snapshot_file.h"

struct snapshot_types {
    PyTypeObject *snapshot;
    PyTypeObject *group;
};

// Makes the two classes for one module object. -1 with an exception.
int snapshot_types_init(PyObject *module, struct snapshot_types *ret_types);
void snapshot_types_done(struct snapshot_types *types);

// A Snapshot of an open file, which it takes, in success and in failure.
PyObject *snapshot_object_new(const struct snapshot_types *types, struct snapshot_file *file);
