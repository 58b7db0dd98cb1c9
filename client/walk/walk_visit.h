// SPDX-License-Identifier: MIT
// Going through the entries of one root: every directory that a convention recognises is read, or listed.
// Inner header of the walk.
#pragma once

#include "client/walk/walk_records.h"

// Visits the entries of the root, and those of the directories in which other conventions keep their
// plugins ("domains"). A root of many entries is shared with one thread more, if there is a processor for
// it; the thread has ended when the call returns, and no signal reaches it.
// Fails with: IO, NO_MEMORY, INTERNAL.
enum status walk_visit_root(const struct walk *walk, const struct rooted_dir *root,
                            struct error *err);
