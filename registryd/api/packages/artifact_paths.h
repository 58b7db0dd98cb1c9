// SPDX-License-Identifier: MIT
// Paths that a wheel would share with the wheels of other packages.
#pragma once

#include "registryd/request/api.h"
#include "registryd/store/store.h"

// Adds the finding "path-shared" for each package whose current wheel holds a path of this one: a warning, or an
// error for a wheel that "registryctl pack" made. Fails with: CONFLICT (an error was added), and as the store.
enum status artifact_paths_check(struct api *api, const char *package,
                                 const struct artifact *artifact, struct findings *findings,
                                 struct error *err);
