// SPDX-License-Identifier: MIT
// A resolution as JSON, written record by record into one answer. Pure; any thread.
#pragma once

#include "registryd/resolver/selection.h"

// {"environment":"default","revision":1,"groups":[…],"records":[…],"decisions":[…],"known":[…],"policy":{…},
// "settings":"included"}; for names or packages, "unknown":[…]; when explaining, "excluded":[…]; when a limit was asked for, "next": a cursor or
// null.
extern const struct answer_form resolution_form;

// The first hundred records that have warnings or errors, as a JSON array: a page that shows only these need
// not copy every record there is.
extern const struct answer_form resolution_findings;
