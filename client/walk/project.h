// SPDX-License-Identifier: MIT
// A project: a directory (or the metadata file in it) that can be published, read to a release. A
// pyproject.toml says what the package is; without one, the first convention that knows the
// directory's mark does. Nothing is imported or executed.
#pragma once

#include "client/conventions/convention.h"
#include "schema/release/release.h"

struct project {
    const char *path;                  // how messages name it
    const struct release *release;     // what somebody claims; NULL when nothing could be read
    const struct valid_release *valid; // NULL when a rule is broken: the findings say which
    struct findings findings;
};

struct project_query {
    const char *path; // a directory, or the metadata file in it
    const char *root; // `path` is relative to this directory and stays inside it; NULL: it is not
    const char *version;           // for a project that declares none; may be NULL
    const struct convention *only; // read by this convention alone; NULL: by its mark
};

// The directory that a path stands for: the path itself, or, of a file that marks a project or a plugin
// (pyproject.toml, plugin.yaml, __init__.py), the folder that it lies in. Arena; NULL when out of memory.
const char *project_directory(struct arena *arena, const char *path);

// Reads and checks what lies at a path. What is wrong with the project is in ret_project->findings,
// with file and line or JSON pointer. A place that holds no plugin after all (a distribution without
// entry points) has no release and no errors. Texts of the query are copied. Arena.
// Fails with: USAGE (no such path; nothing there that could be published), IO, NO_MEMORY.
enum status project_read(struct arena *arena, const struct project_query *query,
                         struct project *ret_project, struct error *err);

// Gives each finding about a value of a manifest its place in the file beside its pointer:
// "crm/plugin.yaml:12: /nav/0/label" in place of "/manifests/honeyframe.plugins/crm/nav/0/label". The directory is
// read again only when there is such a finding; what cannot be found keeps its pointer.
// Fails with: NO_MEMORY.
enum status project_locate(struct arena *arena, const struct project_query *query,
                           struct findings *findings, struct error *err);
