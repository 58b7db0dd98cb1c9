// SPDX-License-Identifier: MIT
// A snapshot file as two Python classes: Snapshot, the mapped file, and Group, one checked group of it.
// Both are read-only once made, so threads may share them; a group keeps its file mapped.
#pragma once

#include "client/python/native/python_api.h"

struct snapshot_types {
    PyTypeObject *snapshot;
    PyTypeObject *group;
};

// Makes the two classes for one module object. -1 with an exception.
int snapshot_types_init(PyObject *module, struct snapshot_types *ret_types);
void snapshot_types_done(struct snapshot_types *types);

// Opens and maps a file: a new Snapshot. The interpreter goes on meanwhile.
PyObject *snapshot_object_new(const struct snapshot_types *types, const char *path);
