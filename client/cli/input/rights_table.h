// SPDX-License-Identifier: MIT
// What a token may do, for people: the member `may` of GET /v1/token.
#pragma once

#include "client/cli/console/command.h"

#include <jansson.h>

// "publish:new on crm and what it owns". Several objects of one scope stand on one line. Fails with: NO_MEMORY.
enum status rights_table_print(struct cli *cli, const json_t *token, struct error *err);

// Where the token of this run comes from: "--token", "REGISTRYD_TOKEN", "the token-command", "the file of login".
// NULL: there is none. Arena.
const char *rights_table_source(struct cli *cli, const char *url);
