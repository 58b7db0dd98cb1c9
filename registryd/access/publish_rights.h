// SPDX-License-Identifier: MIT
// Who may publish what, in two steps. The first is asked before the body is worked on, so that a token that
// may not publish, or publishes too often, causes no hashing and no extraction. The second is asked when
// the release is known, right before it is stored. In a dry run both judge alike and count nothing.
#pragma once

#include "registryd/access/access.h"
#include "schema/release/release.h"

// Counts one publish of the token, and asks whether it may publish anything under this name (normalised), or
// at all where the name is not known yet (NULL): by a grant, or because its team owns a package.
// Fails with: TOO_MANY, FORBIDDEN, UNAVAILABLE, NO_MEMORY.
enum status publish_rights_begin(struct api *api, const struct request *request, const char *name,
                                 struct error *err);

// The same question for a name that became known later; counts nothing. Fails with: FORBIDDEN, UNAVAILABLE.
enum status publish_rights_on(struct api *api, const struct request *request, const char *name,
                              struct error *err);

// Whether what is published under this name (normalised; NULL: some name) may keep the times of another registry,
// and is not held to a pace: the scope import, beside those that let it publish.
bool publish_rights_import(const struct rights *rights, const char *name);

// Whether this release may be published by these rights: the name's owner, reservations, names that are
// too similar to others, and groups that admit only packages their owner lets in.
// Fails with: FORBIDDEN, CONFLICT (the name is too similar to another), TOO_MANY (new names), UNAUTHORIZED
// (the token was revoked meanwhile), UNAVAILABLE, NO_MEMORY. *ret_publisher is what store_publish needs.
enum status publish_rights_check(struct api *api, const struct request *request,
                                 const struct valid_release *valid, struct publisher *ret_publisher,
                                 struct error *err);

// The same for a further release of a package that is known, without a question to the store. *ret_assumed is false when
// that is not known to be enough; else *ret_publisher is for store_publish_at_once alone, which writes nothing
// that publish_rights_check would refuse. Fails with: UNAUTHORIZED, UNAVAILABLE.
enum status publish_rights_assume(struct api *api, const struct request *request, const char *name,
                                  struct publisher *ret_publisher, bool *ret_assumed,
                                  struct error *err);

// After a publish that publish_rights_check let through: the name is known from now on.
void publish_rights_remember(struct api *api, const char *name, const struct publisher *publisher);
