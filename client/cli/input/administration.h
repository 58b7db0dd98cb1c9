// SPDX-License-Identifier: MIT
// What the commands share that manage the registry: a request with a small JSON body, lists that come in
// pages, and a table of a list.
#pragma once

#include "client/cli/console/command.h"
#include "client/cli/console/table.h"

#include <jansson.h>

// Sends a request and returns the JSON object of the answer, owned. `body` (NULL = none) is stolen.
// Fails with: as api_call_json, USAGE, NO_MEMORY.
// For example administration_send(cli, "PUT", "/v1/grants/crm/yank/*", NULL, &answer, err).
enum status administration_send(struct cli *cli, const char *method, const char *path, json_t *body,
                                json_t **ret_answer, struct error *err);

// All items of a list, over its pages. `path` has no query yet; `team` is its only one (NULL: none).
// Owned.
enum status administration_list(struct cli *cli, const char *path, const char *key,
                                const char *team, json_t **ret_items, struct error *err);

// A column of a table and the member of each item that fills it; a list's items are joined.
// For example {{.title = "SINCE", .min_width = 10}, "created_at"}.
struct administration_column {
    struct table_column column;
    const char *key;
};

// Prints the items and steals them: as JSON or as a table; `nothing` in place of an empty table. The
// table shows times (members named "at" or "…_at") to the minute.
enum status administration_print(struct cli *cli, json_t *items,
                                 const struct administration_column *columns, size_t count,
                                 const char *nothing, struct error *err);

// "/v1/grants/TEAM/SCOPE/OBJECT": the parts are percent-encoded. Arena; NULL when out of memory.
const char *administration_path(struct cli *cli, const char *base, const char *const *parts,
                                size_t count);

// The text of a member: a number, the joined texts of a list, the members of an object as "key=text";
// NULL when absent or null. Arena.
const char *administration_text(struct cli *cli, const json_t *object, const char *key);
