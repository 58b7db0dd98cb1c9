// SPDX-License-Identifier: MIT
// What became of one path that was to be published, as JSON: the object that registryctl prints and that
// registry_publish answers with.
#pragma once

#include "client/remote/publish.h"

struct path_outcome {
    const char *path;
    const char *word; // "ok", "failed"; "published", "unchanged", "not sent"; "shadowed"
    const struct project *project;
    const struct artifact *artifact; // NULL: it is no artifact, or could not be read
    enum status status;              // OK, or why it was not published
    const struct error *error;       // of `status`
};

// {"path","outcome","package","version","error","warnings","errors"}, and of an artifact "filename",
// "size", "sha256". Owned; NULL = no memory.
json_t *path_outcome_encode(const struct path_outcome *outcome);

// Adds "serial", "epoch" and, of an artifact, "url". False = no memory.
bool path_outcome_add_receipt(json_t *object, const struct receipt *receipt, bool is_artifact);

// The package and the version: in their normal form when the release is valid, else as they were written;
// NULL when they could not be read. Borrowed.
const char *path_outcome_package(const struct project *project);
const char *path_outcome_version(const struct project *project);
