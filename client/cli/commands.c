// SPDX-License-Identifier: MIT
// The table of commands, in the order in which --help lists them, and the options that every command
// takes. The parser, --help and the tests of docs/CLI.md read these tables. A new command is one file
// in commands/ and one line here.
#include "client/cli/console/command.h"

#include "schema/base/text.h"
#include "schema/base/list.h"

static const struct command *const commands[] = {
    &command_publish,      &command_check,    &command_resolve,    &command_walk,
    &command_discover,     &command_compare,  &command_transition, &command_entry_points,
    &command_requirements, &command_groups,   &command_group,      &command_search,
    &command_show,         &command_yank,     &command_deprecate,  &command_archive,
    &command_quarantine,   &command_snapshot, &command_watch,      &command_environment,
    &command_token,        &command_grant,    &command_reserve,    &command_owner,
    &command_audit,        &command_problems, &command_help,
};

static const struct option_row global_options[] = {
    {"--url", "URL", offsetof(struct options, url),
     "the registry (REGISTRYD_URL); default http://127.0.0.1:7621"},
    {"--environment", "NAME", offsetof(struct options, environment),
     "the environment to ask for (REGISTRYD_ENVIRONMENT); default \"default\""},
    {"--token", "TOKEN", offsetof(struct options, token),
     "better given as REGISTRYD_TOKEN, where other users cannot see it"},
    {"--insecure-plain", NULL, offsetof(struct options, insecure_plain),
     "send the token over plain http to another host (REGISTRYD_INSECURE_PLAIN)"},
    {"--timeout", "SECONDS", offsetof(struct options, timeout),
     "how long one request may take; default 10"},
    {"--format", "FORMAT", offsetof(struct options, format),
     "table or json; default table on a terminal, else json"},
    {"--help", NULL, offsetof(struct options, help), "this text"},
    {"--version", NULL, offsetof(struct options, version), "the version of registryctl"},
};

const struct command *command_at(size_t index) {
    return index < COUNT_OF(commands) ? commands[index] : NULL;
}

const struct command *command_find(const char *name) {
    for (size_t i = 0; command_at(i); i++) {
        if (text_equals(text_from(name), command_at(i)->name)) {
            return command_at(i);
        }
    }
    return NULL;
}

const struct option_row *command_global_option(size_t index) {
    return index < COUNT_OF(global_options) ? &global_options[index] : NULL;
}
