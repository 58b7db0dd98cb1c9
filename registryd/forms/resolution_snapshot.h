// SPDX-License-Identifier: MIT
// A selection as a snapshot file, signed when the query names a signer. Pure; any thread.
#pragma once

#include "registryd/resolver/selection.h"

// Its entity tag is that of the answer (snapshot_tag): the same on every daemon, whenever it was made.
extern const struct answer_form resolution_snapshot;
