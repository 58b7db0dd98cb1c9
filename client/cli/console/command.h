// SPDX-License-Identifier: MIT
// What a command of registryctl is: a row that says how it is called and what it is for, and a
// function. The rows are listed in main.c; --help, docs/CLI.md's test and the parser all read them.
#pragma once

#include "client/cli/console/output.h"
#include "client/remote/connection.h"

// The values of an option that may be given several times.
struct words {
    const char **items;
    size_t count;
};

// Everything that any command can be told. Text members are NULL, flags false, when not given.
struct options {
    const char *url; // the global ones
    const char *token;
    const char *environment;
    const char *format;
    const char *timeout;
    bool insecure_plain;
    bool help;
    bool version;

    const char *python;
    const char *convention;
    const char *release_version;
    const char *package;
    const char *mode;
    const char *host;
    const char *snapshot_key;
    const char *team;
    const char *reason;
    const char *kind;
    const char *prefix;
    const char *days;
    const char *after;
    const char *replaced_by;
    const char *owner;
    const char *description;
    const char *name_pattern;
    const char *conflict;
    const char *manifest_schema;
    const char *facts; // the rest of these are of `environment`
    const char *facts_from;
    const char *document;
    const char *plugins;
    const char *take_prereleases;
    const char *min_age;
    const char *permissions;
    const char *pin;
    const char *file;
    const char *revision;
    const char *if_revision;
    struct words groups;
    struct words priority;
    struct words scopes;
    const char *status;
    const char *limit;
    struct words classifiers;
    struct words roots;
    struct words haves;
    struct words markers;
    struct words tags;
    bool undo;
    bool history;
    bool have_all;
    bool grant;
    bool is_prefix;
    bool export;
    bool verify;
    const char *head;
    const char *exec;
    bool once;
    bool project;
    bool all;
    bool report;
    bool allow_empty;
    bool prereleases;
    bool explain;
    bool require;
    bool strict;
};

struct option_row {
    const char *name;     // with its dashes: "--python"
    const char *argument; // what stands for its value in help ("VERSION"); NULL: a flag
    size_t offset; // of its member in struct options: const char *, bool (a flag), struct words
    const char *help;
    bool repeats; // it may be given several times: the member is a struct words
};

struct command;

// One run of the program.
struct cli {
    struct arena *arena;
    const struct command *command; // NULL: none was named
    struct options options;
    const char *const *arguments;
    size_t argument_count;
    struct output output;
    int exit_code; // what a command that did its work answers: 0, or 1 for "no"
};

struct command {
    const char *name;
    const char *arguments; // "GROUP ROOT...", or "" for none
    size_t min_arguments;
    size_t max_arguments; // 0 with min_arguments > 0: any number
    const char *format;   // one more that --format takes here, or NULL
    const char *summary;  // one line
    const char *description;
    const char *actions; // its first argument: "form<tab>what it does", one a line; or NULL
    const struct option_row *options;
    size_t option_count;
    const char *exit_codes; // those that mean something of its own, one a line
    const char *example;

    // Does the work and prints the answer. A failure goes up in *err and is printed by main.
    enum status (*run)(struct cli *cli, struct error *err);
};

extern const struct command command_publish;
extern const struct command command_check;
extern const struct command command_resolve;
extern const struct command command_requirements;
extern const struct command command_walk;
extern const struct command command_compare;
extern const struct command command_discover;
extern const struct command command_entry_points;
extern const struct command command_groups;
extern const struct command command_search;
extern const struct command command_group;
extern const struct command command_show;
extern const struct command command_yank;
extern const struct command command_deprecate;
extern const struct command command_archive;
extern const struct command command_quarantine;
extern const struct command command_snapshot;
extern const struct command command_transition;
extern const struct command command_environment;
extern const struct command command_token;
extern const struct command command_grant;
extern const struct command command_reserve;
extern const struct command command_owner;
extern const struct command command_audit;
extern const struct command command_problems;
extern const struct command command_watch;
extern const struct command command_help;

const struct command *command_at(size_t index); // in the order of the table; NULL past the end
const struct command *command_find(const char *name);
const struct option_row *command_global_option(size_t index); // NULL past the end

// The connection that the global options ask for. Fails with: USAGE, NO_MEMORY.
enum status command_connect(struct cli *cli, struct connection *ret_connection, struct error *err);
