// SPDX-License-Identifier: MIT
// A project: a directory (or the metadata file in it) that can be published, read to a release. A
// pyproject.toml says what the package is; without one, the first convention that knows the
// directory's mark does. Nothing is imported or executed.
#pragma once

#include "schema/release.h"

struct project {
    const char *path;                  // as given
    const struct release *release;     // what somebody claims; NULL when nothing could be read
    const struct valid_release *valid; // NULL when a rule is broken: the findings say which
    struct findings findings;
};

// Reads and checks what lies at `path`. `version` (may be NULL) is for a project that declares none.
// What is wrong with the project is in ret_project->findings, with file and line or JSON pointer.
// Arena. Fails with: USAGE (no such path; nothing there that could be published), IO, NO_MEMORY.
enum status project_read(struct arena *arena, const char *path, const char *version,
                         struct project *ret_project, struct error *err);
