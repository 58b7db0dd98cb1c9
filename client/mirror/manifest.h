// SPDX-License-Identifier: MIT
// The manifest of an export: which packages it holds as of which change, and every file with its hash. It tells the next
// export what is there, and an import what to verify.
//
//     {"kind": "registryd-export", "format": 1, "registry": "https://…", "epoch": "1c0f…", "serial": 43,
//      "environment": null, "made_at": "2026-01-31T12:00:00Z",
//      "packages": {"crm": {"serial": 43, "version": null, "files": ["files/9f…/crm-1.0-py3-none-any.whl", …]}},
//      "files": {"simple/crm/index.html": {"sha256": "…", "size": 512}, …}}
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/snapshot/signed_text.h"

#include <jansson.h>

enum { MANIFEST_FORMAT = 1 };

// Reads DIR/manifest. *ret_manifest is owned. `public_key` may be NULL: the signature is then not looked at.
// Fails with: NOT_FOUND (there is none), MALFORMED (it is not one of an export), FORBIDDEN (not signed by the key),
// IO, NO_MEMORY.
enum status manifest_load(struct arena *arena, const char *folder, const uint8_t *public_key,
                          json_t **ret_manifest, struct error *err);

// The manifest's two lines; a NULL pair does not sign. Arena; NULL when out of memory.
const char *manifest_write(struct arena *arena, const json_t *manifest,
                           const struct signature_pair *pair);
