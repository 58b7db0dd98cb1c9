// SPDX-License-Identifier: MIT
// References to resources, as RFC 3986 resolves them (section 5.2): what "$id" and "$ref" of a JSON Schema say.
// Nothing is fetched. Pure; any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/text.h"

// The address that `reference` means where `base` is the address of the document, without the fragment. A base without
// a scheme is fine: "a/b.json" and "c.json" give "a/c.json". Arena; NULL when out of memory.
const char *uri_reference_resolve(struct arena *arena, const char *base, struct text reference);

// What stands behind the first "#", percent-decoded; empty when there is none. Arena; NULL when out of memory.
const char *uri_reference_fragment(struct arena *arena, const char *reference);
