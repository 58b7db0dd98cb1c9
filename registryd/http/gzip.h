// SPDX-License-Identifier: MIT
// Compression of a reply's body; the only user of zlib in the daemon. Pure; any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/text.h"

// The bytes as one gzip member, in the arena. Fails with: NO_MEMORY, TOO_LARGE (no gain: the packed
// form would not be shorter). The caller sends the plain bytes then.
enum status gzip_pack(struct arena *arena, struct text plain, struct text *ret_packed);
