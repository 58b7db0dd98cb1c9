// SPDX-License-Identifier: MIT
// The question of GET /v1/resolve, /v1/snapshot and their like: groups, environment and facts, from
// query parameters to what the index is asked.
#pragma once

#include "registryd/request/api.h"
#include "registryd/request/query.h"

// How such a handler begins (query_begin, with the parameters they share) and what was asked. No group
// is no fault here. Arena.
// Fails with: as query_begin, INVALID (no group name, no fact), USAGE, NO_MEMORY.
enum status selection_query_decode(struct api *api, const struct request *request,
                                   struct resolve_query *ret_query, struct error *err);

// The same of an address below an environment, whose name is borrowed: `environment` is not taken.
enum status selection_query_decode_within(struct api *api, const struct request *request,
                                          const char *environment, struct resolve_query *ret_query,
                                          struct error *err);

// The same of an address that answers in pages: `limit` and `cursor` too; and with a part of the selection: `name`
// and `package`.
enum status selection_query_decode_page(struct api *api, const struct request *request,
                                        struct resolve_query *ret_query, struct error *err);

// The same of a snapshot: `secrets` too.
enum status selection_query_decode_snapshot(struct api *api, const struct request *request,
                                            struct resolve_query *ret_query, bool *ret_secrets,
                                            struct error *err);

// The same of an address that answers in several formats: `format` too, which it reads itself.
enum status selection_query_decode_format(struct api *api, const struct request *request,
                                          struct resolve_query *ret_query, struct error *err);

// Puts an answer of the index into the reply, which takes it. `point` is where the daemon stood before
// the answer was asked for: the answer is of that state or a later one.
void selection_query_reply(struct reply *reply, const struct answer *answer,
                           const struct history_point *point);
