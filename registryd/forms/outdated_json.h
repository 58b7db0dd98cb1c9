// SPDX-License-Identifier: MIT
// The packages of a selection that are behind (registryd/resolver/outdated.h), as JSON. Pure; any thread.
#pragma once

#include "registryd/resolver/selection.h"

// Of a question that explains: {"environment","revision","packages":[{"package","selected","newest","code","detail",
// "eligible_at"?,"newer","too_new"}],"counts":{"outdated","too_new"}}. A package whose newer releases are all too
// new is counted apart: it needs nothing but time.
extern const struct answer_form outdated_form;
