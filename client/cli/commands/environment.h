// SPDX-License-Identifier: MIT
// What the files of `registryctl environment` share: requests about an environment, and the actions.
#pragma once

#include "client/cli/console/command.h"

#include <jansson.h>

// A request about environments. Of the conditions at most one is set.
struct environment_call {
    const char *method;
    const char *path; // NULL: out of memory
    json_t *body;     // stolen; NULL = none
    const char *if_match;
    const char *if_none_match;
};

// Sends it. What a refusal finds wrong is printed on standard error, each with its place and hint.
// *ret_answer is owned. Fails with: as api_call_json, USAGE.
enum status environment_send(struct cli *cli, const struct environment_call *call,
                             json_t **ret_answer, struct error *err);

// "/v1/environments/NAME" and what follows ("/history"; NULL = nothing). Arena; NULL: out of memory.
const char *environment_address(struct cli *cli, const char *name, const char *rest);

// Says what came of a change, or prints the answer as JSON; steals `answer`.
enum status environment_report(struct cli *cli, json_t *answer, struct error *err);

// The condition of --if-revision as an entity tag; NULL without it. Fails with: USAGE, NO_MEMORY.
enum status environment_condition(struct cli *cli, const char **ret_tag, struct error *err);

// A whole number from 1 on. `what` begins the sentence when it is none. Fails with: USAGE.
enum status environment_revision(const char *text, const char *what, const char **ret_text,
                                 struct error *err);

// The JSON of a file, or of standard input for "-". Owned. Fails with: IO, TOO_LARGE, MALFORMED.
enum status environment_read_file(struct cli *cli, const char *path, json_t **ret_json,
                                  struct error *err);

// "2026-03-01 09:30", which is what people want of a row's time. Arena.
const char *environment_date(struct cli *cli, const json_t *row);

// A value on one line: texts bare, the rest as compact JSON. Arena; NULL = out of memory.
const char *environment_value(struct cli *cli, const json_t *value);

// The facts of a Python (a path or a name on PATH), checked. Versions that no resolution could read are
// left out, and told on standard error. Owned. Fails with: IO, MALFORMED, USAGE, TIMEOUT.
enum status environment_facts_load(struct cli *cli, const char *python, json_t **ret_facts,
                                   struct error *err);

typedef enum status environment_action(struct cli *cli, struct error *err);

environment_action environment_list;
environment_action environment_show;
environment_action environment_history;
environment_action environment_diff;
environment_action environment_make;
environment_action environment_set;
environment_action environment_enable;
environment_action environment_disable;
environment_action environment_pin;
environment_action environment_unpin;
environment_action environment_settings;
environment_action environment_rollback;
environment_action environment_facts;
