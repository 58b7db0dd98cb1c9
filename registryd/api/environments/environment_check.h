// SPDX-License-Identifier: MIT
// May an environment decide this? A package something is newly decided about must be there, and one
// that is enabled may ask only for permissions the environment knows. Looked at are the plugins whose
// decision changes, and all enabled ones when the permissions change. Findings:
// "package-unknown", "permission-unknown".
#pragma once

#include "registryd/request/api.h"
#include "registryd/api/environments/environment_compare.h"

// Fails with: INVALID (the findings say where), and as the store.
enum status environment_check_step(struct api *api, const struct request *request,
                                   const struct environment_step *step, struct findings *findings,
                                   struct error *err);
