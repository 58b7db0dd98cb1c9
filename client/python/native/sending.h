// SPDX-License-Identifier: MIT
// The functions of registryclient._library that change something in a registry: send and publish. Each waits
// for the network with the interpreter's lock released, as those of library.c do.
#pragma once

#include "client/python/native/python_api.h"

// send(connection, method, path, body, if_match) -> str
PyObject *sending_send(PyObject *module, PyObject *args);
extern const char sending_send_doc[];

// publish(connection, path, version, convention, metadata_only)
//     -> (status, where, message, outcome, findings)
PyObject *sending_publish(PyObject *module, PyObject *args);
extern const char sending_publish_doc[];
