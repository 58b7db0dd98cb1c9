// SPDX-License-Identifier: MIT
// A selection as a snapshot file, signed when somebody is to sign it. Pure but for the clock; any
// thread.
#pragma once

#include "registryd/resolver/selection.h"

// Its entity tag is that of the answer (snapshot_tag): the same on every daemon, whenever it was made.
extern const struct answer_form resolution_snapshot;
