// SPDX-License-Identifier: MIT
// An environment in an address, and its entity tag: the revision.
#pragma once

#include "registryd/request/api.h"

// {environment} of the address. Fails with: `refusal` (no environment can be called so), NO_MEMORY.
enum status environments_path(const struct request *request, enum status refusal,
                              const char **ret_name, struct error *err);

// The entity tag of a revision, with quotes. Arena; NULL when out of memory.
const char *environments_etag(struct arena *arena, int64_t revision);

// {"id","environment","revision","release_count","made_at","made_by"} of a lock. Owned; NULL when out of memory.
struct environment_lock_row;
json_t *environments_encode_lock(const struct environment_lock_row *row);

// The answer to a change: the revision that is there now.
struct environment_edited;
enum status environments_reply_edited(const struct request *request, struct reply *reply,
                                      const struct environment_edited *edited, struct error *err);

// The same with the members of `more`, an object, besides. Steals it; NULL: out of memory.
enum status environments_reply_more(const struct request *request, struct reply *reply,
                                    const struct environment_edited *edited, json_t *more,
                                    struct error *err);
