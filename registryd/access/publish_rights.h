// SPDX-License-Identifier: MIT
// Whether this release may be published by these rights: the name's owner, reservations, names that
// could be taken for others, and groups that admit only whom their owner lets in. Asked when the
// release is known, right before it is stored.
#pragma once

#include "registryd/access/access.h"
#include "schema/release/release.h"

// Fails with: FORBIDDEN, CONFLICT (the name is too like another's), UNAUTHORIZED (the token was
// revoked meanwhile), UNAVAILABLE, NO_MEMORY. *ret_publisher is what store_publish wants to know.
enum status publish_rights_check(struct api *api, const struct request *request,
                                 const struct valid_release *valid, struct publisher *ret_publisher,
                                 struct error *err);
