// SPDX-License-Identifier: MIT
// The arguments of a call as Python gives them, read into what registryclient.h wants: a connection,
// groups, roots. The texts are borrowed from Python objects that are kept here, so they are valid while
// the interpreter's lock is released. One call, one thread.
#pragma once

#include "client/python/native/python_api.h"

#include "client/include/registryclient.h"

struct ask {
    // borrowed from the arguments; NULL: the call has none
    PyObject *
        connection_object; // (url, token, environment, timeout_ms, snapshot, python, markers, have,
    // tags, insecure_plain, enforce, strict); markers and have are iterables of (name, value), tags of str
    PyObject *groups_object; // iterable of str
    PyObject *names_object;  // likewise; set together with packages_object
    PyObject *packages_object;
    PyObject *roots_object; // iterable of (label or None, path)

    struct registry_options options;
    struct registry_query query;
    struct registry_part part;
    struct registry_walk_options walk;
    struct registry *registry; // closed by ask_done
    PyThreadState *thread;     // between ask_begin_wait and ask_end_wait
    bool is_interrupted;       // a signal's handler raised

    PyObject *kept; // list of what the texts are borrowed from
    void *lists[6]; // arrays of texts, freed by ask_done
    size_t list_count;
};

// Reads the objects that are set. False with an exception.
bool ask_read(struct ask *ask);
void ask_done(struct ask *ask);

// Around what waits for the network: gives up the interpreter's lock and takes it again. A signal is
// handled in between; when its handler raises, the request is given up and the exception is set:
// ask_end_wait is then false.
void ask_begin_wait(struct ask *ask);
bool ask_end_wait(struct ask *ask);
