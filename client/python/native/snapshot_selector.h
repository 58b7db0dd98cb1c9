// SPDX-License-Identifier: MIT
// Which snapshot is wanted, as Python says it: a file, or the last-known-good one of a registry, an
// environment and facts. No network, no libcurl.
#pragma once

#include "client/python/native/python_api.h"

#include "client/snapshot/snapshot_cache.h"

struct selector {
    struct arena *arena; // of all texts; freed by snapshot_selector_done
    struct snapshot_selector selector;
    struct snapshot_path location;
};

// Reads (path or None, url, environment, python, markers, cache_dir); what is None comes from the
// environment variables, markers are (name, value). False with an exception. Ends with snapshot_selector_done in
// either case.
bool snapshot_selector_read(PyObject *args, struct selector *ret_selector);
void snapshot_selector_done(struct selector *selector);
