// SPDX-License-Identifier: MIT
// What of a selection is behind: packages of which a newer release than the selected one is left out. Pure; any
// thread.
#pragma once

#include "registryd/resolver/selection.h"

// Of a question that explains: {"environment","revision","packages":[{"package","selected","newest","code","detail",
// "newer","too_new"}],"counts":{"outdated","too_new"}}. A package whose newer releases are all too new is counted
// apart: it needs nothing but time.
extern const struct answer_form outdated_form;
