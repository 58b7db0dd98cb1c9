// SPDX-License-Identifier: MIT
// The table of commands, in the order in which --help lists them, and the options that every command
// takes. The parser, --help and the tests of docs/CLI.md read these tables. A new command is a row in a
// file of commands/ and a line here.
#include "client/cli/console/command.h"

#include "schema/base/list.h"
#include "schema/base/text.h"

static const struct command *const commands[] = {
    &command_publish,  &command_import,      &command_export,       &command_pack,
    &command_check,    &command_resolve,     &command_walk,         &command_discover,
    &command_compare,  &command_transition,  &command_entry_points, &command_requirements,
    &command_sync,     &command_groups,      &command_group,        &command_find_entries,
    &command_search,   &command_show,        &command_yank,         &command_deprecate,
    &command_alias,    &command_archive,     &command_quarantine,   &command_contributions,
    &command_outdated, &command_hold,        &command_unhold,       &command_snapshot,
    &command_watch,    &command_environment, &command_secrets,      &command_token,
    &command_grant,    &command_reserve,     &command_owner,        &command_audit,
    &command_problems, &command_files,       &command_login,        &command_logout,
    &command_whoami,   &command_status,      &command_doctor,       &command_completion,
    &command_help,
};

static const struct option_row global_options[] = {
    {"--url", "URL", offsetof(struct global_options, url),
     "Address of the registry (REGISTRYD_URL); default http://127.0.0.1:7621"},
    {"--environment", "NAME", offsetof(struct global_options, environment),
     "Environment to resolve for (REGISTRYD_ENVIRONMENT); default \"default\""},
    {"--token", "TOKEN", offsetof(struct global_options, token),
     "Access token; prefer REGISTRYD_TOKEN, which other users cannot see"},
    {"--profile", "NAME", offsetof(struct global_options, profile),
     "Profile of the configuration file (REGISTRYD_PROFILE)"},
    {"--ca-file", "FILE", offsetof(struct global_options, ca_file),
     "Certificate authority of the registry (REGISTRYD_CA_FILE, SSL_CERT_FILE)"},
    {"--client-cert", "FILE", offsetof(struct global_options, client_cert),
     "Client certificate (REGISTRYD_CLIENT_CERT)"},
    {"--client-key", "FILE", offsetof(struct global_options, client_key),
     "Key of the client certificate (REGISTRYD_CLIENT_KEY); default: in its file"},
    {"--proxy", "URL", offsetof(struct global_options, proxy),
     "Proxy (REGISTRYD_PROXY); default: HTTPS_PROXY, http_proxy, NO_PROXY"},
    {"--insecure-plain", NULL, offsetof(struct global_options, insecure_plain),
     "Send the token over plain HTTP to another host (REGISTRYD_INSECURE_PLAIN)"},
    {"--timeout", "SECONDS", offsetof(struct global_options, timeout),
     "Time limit of one request (REGISTRYD_TIMEOUT); default 10"},
    {"--format", "FORMAT", offsetof(struct global_options, format),
     "table (the default), json or lines: one record a line (REGISTRYD_FORMAT)"},
    {"--quiet", NULL, offsetof(struct global_options, quiet),
     "Print results and errors only: no warnings, hints and confirmations"},
    {"--no-wait", NULL, offsetof(struct global_options, no_wait),
     "Fail instead of waiting when the registry asks to retry later"},
    {"--help", NULL, offsetof(struct global_options, help), "Show this help"},
    {"--version", NULL, offsetof(struct global_options, version),
     "Show the version of registryctl"},
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
