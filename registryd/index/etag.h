// SPDX-License-Identifier: MIT
// Entity tags: a hash of the body, so equal answers have equal tags through any daemon and after any
// restart. Pure; any thread.
#pragma once

#include <stddef.h>

enum { ETAG_SIZE = 48 }; // with quotes and NUL

void etag_make(const char *body, size_t len, char ret_etag[ETAG_SIZE]);
