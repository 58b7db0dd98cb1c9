// SPDX-License-Identifier: MIT
// A resolution as JSON, written record by record into one answer. Pure; any thread.
#pragma once

#include "registryd/resolver/selection.h"

// {"environment":"default","groups":[…],"records":[…]}; when explaining, "excluded":[…]; when a limit
// was asked for, "next": a cursor or null.
extern const struct answer_form resolution_form;
