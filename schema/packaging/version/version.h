// SPDX-License-Identifier: MIT
// Versions: PEP 440 whole, with unbounded numbers. A parsed version lives in the arena it was
// parsed into and is immutable. Pure functions, callable from any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

#include <stdint.h>

struct version; // layout in version_parts.h; read through the functions below

// Parses PEP 440 text (case-insensitive, white space around it allowed, at most
// LIMIT_VERSION_BYTES). Arena. Fails with: INVALID (says which part), TOO_LARGE, NO_MEMORY.
enum status version_parse(struct arena *arena, struct text text, const struct version **ret_version,
                          struct error *err);

// The release alone: 3.13.0rc1 and 3.13.0+local become 3.13.0. Arena. Fails with: NO_MEMORY.
enum status version_release_only(struct arena *arena, const struct version *version,
                                 const struct version **ret_release, struct error *err);

// < 0, 0, > 0 by PEP 440 order; cannot fail.
int version_compare(const struct version *a, const struct version *b);

// The normal form ("1.0RC1" -> "1.0rc1"). Borrowed from the version.
const char *version_string(const struct version *version);

bool version_is_prerelease(const struct version *version); // a, b, rc or dev
bool version_is_postrelease(const struct version *version);
bool version_has_local(const struct version *version);

// An order-preserving key: memcmp order of keys (a shorter one that is a prefix sorts first) equals
// version_compare; equal versions have equal keys. Arena.
// The database stores this key and sorts by it: an ORDER BY of bytes then is the order of PEP 440.
enum status version_key(struct arena *arena, const struct version *version, const uint8_t **ret_key,
                        size_t *ret_len, struct error *err);
