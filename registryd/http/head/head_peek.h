// SPDX-License-Identifier: MIT
// A first look at the bytes of a request, before civetweb has split them: whether the head is complete,
// and what decides when and by which worker it is served. Not a judgement: what is wrong is for
// validate.h. Pure functions; any thread.
#pragma once

#include "schema/base/text.h"

enum head_state {
    HEAD_COMPLETE,   // a whole head is there
    HEAD_MALFORMED,  // bytes that cannot be in a head
    HEAD_FULL,       // the head is longer than civetweb's buffer
    HEAD_INCOMPLETE, // more has to come
};

// Whether these bytes begin with a whole head.
enum head_state head_examine(const char *bytes, size_t len);

// What a request is for. The later kinds have workers that the earlier ones may not take: a daemon under
// load still answers its monitoring, and its administrators can still revoke.
enum head_kind { HEAD_ORDINARY, HEAD_ADMIN, HEAD_WATCH, HEAD_KIND_COUNT };

struct head_peek {
    size_t
        whole_bytes; // of the head, with its body when that is small; 0 = the head is not complete
    enum head_kind kind;
};

// Looks at `len` bytes; the byte behind them is overwritten. A small body (32 KiB) counts, unless the
// client waits for "100 Continue" first.
struct head_peek head_peek(char *bytes, size_t len);
