// SPDX-License-Identifier: MIT
// What the files of "registryctl environment" share: the options, requests, and the actions.
#pragma once

#include "client/cli/console/command.h"

#include <jansson.h>

// All actions share these options; the help text of an option names the actions that use it. NULL
// or false: it was not given. Texts are borrowed from the command line.
struct environment_options {
    const char *facts_from;       // a Python to run: a path, or a name on PATH
    const char *facts;            // a JSON file; "-": standard input
    const char *document;         // likewise
    const char *description;      // one line; "-" removes it
    const char *plugins;          // "all" or "listed"
    const char *prereleases;      // "yes" or "no"; a text, because NULL leaves the policy as it is
    const char *min_age;          // "7d", "12h", "30m", "45s"
    const char *max_snapshot_age; // likewise; or "none"
    struct words secret_settings; // JSON pointers; "none": there are none
    const char *permissions;      // with commas; or "none" or "any"
    const char *pin;              // specifiers: "==1.2"
    bool accept_unknown_permissions;
    const char *code;        // of a rule: "too-new"
    const char *until;       // "2026-12-31", "2026-12-31T09:30Z", or from now: "7d"
    const char *reason;      // why, one line
    const char *file;        // settings to merge; "-": standard input
    const char *entry_point; // "GROUP:NAME": of this one alone
    const char *revision;    // a number, as text
    bool allow_without_files;
    struct words ignore_quarantine; // "PACKAGE==VERSION"
    struct words groups;
    bool archived;
    bool kernel; // with the markers of the kernel's build, which change with every update
    const char *if_revision; // a number, as text
    const char *python;      // a Python to run; NULL: python3
    bool have_all;           // with PYTHONPATH and the user's site directory
};

// A request about environments. Of the conditions at most one is set.
// If-Match: "7" lets a change through only while revision 7 is current. If-None-Match: * lets a
// creation through only while there is no such environment. Otherwise: PRECONDITION.
struct environment_call {
    const char *method;
    const char *path; // NULL: out of memory
    json_t *body;     // stolen; NULL = none
    const char *if_match;
    const char *if_none_match;
};

// Sends it. The findings of a refusal are printed on standard error, each with its location and hint.
// *ret_answer is owned. Fails with: as api_call_json, USAGE.
enum status environment_send(struct cli *cli, const struct environment_call *call,
                             json_t **ret_answer, struct error *err);

// "/v1/environments/NAME" with `rest` appended ("/history"; may be NULL). Arena; NULL: out of memory.
const char *environment_address(struct cli *cli, const char *name, const char *rest);

// Sends a change, under the condition of --if-revision, and prints the result.
enum status environment_change(struct cli *cli, struct environment_call call, struct error *err);

// Prints the result of a change, or the answer as JSON; steals `answer`.
enum status environment_report(struct cli *cli, json_t *answer, struct error *err);

// The condition of --if-revision as an entity tag; NULL without it. Fails with: USAGE, NO_MEMORY.
enum status environment_condition(struct cli *cli, const char **ret_tag, struct error *err);

// Checks that the text is a whole number from 1 on. `what` names it in the error. Fails with: USAGE.
enum status environment_revision(const char *text, const char *what, const char **ret_text,
                                 struct error *err);

// The JSON of a file, or of standard input for "-". Owned. Fails with: IO, TOO_LARGE, MALFORMED.
enum status environment_read_file(struct cli *cli, const char *path, json_t **ret_json,
                                  struct error *err);

// The time of a row to the minute: "2026-03-01 09:30". Arena.
const char *environment_date(struct cli *cli, const json_t *row);

// A value on one line: texts bare, the rest as compact JSON. Arena; NULL = out of memory.
const char *environment_value(struct cli *cli, const json_t *value);

// The facts of a Python (a path or a name on PATH), checked. Packages whose version is not valid are
// left out, with a warning on standard error. Owned. Fails with: IO, MALFORMED, USAGE, TIMEOUT.
enum status environment_facts_load(struct cli *cli, const char *python, json_t **ret_facts,
                                   struct error *err);

// The actions, in the files environment_show.c, environment_change.c, environment_states.c and environment_facts.c,
// and in client/cli/environment/.
command_function environment_list;
command_function environment_show;
command_function environment_history;
command_function environment_diff;
command_function environment_new;
command_function environment_set;
command_function environment_enable;
command_function environment_disable;
command_function environment_offer;
command_function environment_allow;
command_function environment_disallow;
command_function environment_pin;
command_function environment_unpin;
command_function environment_settings;
command_function environment_rollback;
command_function environment_freeze;
command_function environment_thaw;
command_function environment_promote;
command_function environment_export;
command_function environment_archive;
command_function environment_restore;
command_function environment_facts;
