// SPDX-License-Identifier: MIT
// The files that a build left in the folder "dist" of a project, as `python3 -m build` and its like do.
#pragma once

#include "client/walk/project.h"

// The wheels and source distributions in DIRECTORY/dist whose names say the release's name and version, sorted by
// name. No folder "dist" is an empty list. Arena. Fails with: IO, NO_MEMORY.
enum status built_files_list(struct arena *arena, const char *directory,
                             const struct valid_release *release, struct strings *ret_paths,
                             struct error *err);
