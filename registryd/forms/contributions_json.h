// SPDX-License-Identifier: MIT
// What the selected plugins contribute to their host, as JSON. Pure; any thread.
#pragma once

#include "registryd/resolver/selection.h"

// {"environment", "revision", "groups"} and the lists of contributions_merge.
extern const struct answer_form contributions_form;
