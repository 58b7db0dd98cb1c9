// SPDX-License-Identifier: MIT
// Which snapshot is wanted, as Python says it: a file, or the last-known-good one of a registry, an
// environment and facts. No network, no libcurl.
#pragma once

#include "client/python/native/python_api.h"

#include "client/snapshot/snapshot_cache.h"

struct wish {
    struct arena *arena; // of all texts; freed by wish_done
    struct snapshot_wish wish;
    struct snapshot_place place;
};

// Reads (path or None, url, environment, python, markers, cache_dir); what is None comes from the
// environment variables, markers are (name, value). False with an exception. Ends with wish_done in
// either case.
bool wish_read(PyObject *args, struct wish *ret_wish);
void wish_done(struct wish *wish);
