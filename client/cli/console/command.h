// SPDX-License-Identifier: MIT
// What a command of registryctl is: a static row that says how it is called, what it does and which
// options it takes, and a function. commands.c lists the rows; the parser and --help read them.
// The options of a command live beside the command: its file declares a struct with a member for each
// option and a table of rows that name the members by offset (struct option_row). The parser allocates a
// zeroed struct of `options_size` bytes and fills it; the command reads it from cli->options.
#pragma once

#include "client/cli/console/output.h"
#include "client/remote/connection.h"
#include "schema/base/list.h"

// The values of an option that may be given several times.
struct words {
    const char **items;
    size_t count;
};

// The options that every command takes. Members are NULL or false when not given.
struct global_options {
    const char *url;   // of the registry
    const char *token; // or a file with one
    const char *environment;
    const char *format;  // "table", "json", "lines" or a command's own
    const char *timeout; // seconds, as text
    const char *profile; // of the configuration file
    const char *ca_file;
    const char *client_cert;
    const char *client_key;
    const char *proxy;
    bool quiet;          // results and errors only
    bool no_wait;        // fail where the registry asks to wait
    bool insecure_plain; // http to another machine
    bool help;
    bool version;
};

// A row of the table beside a command:
//     struct walk_options {
//         const char *convention;
//         bool require;
//     };
//     static const struct option_row walk_rows[] = {
//         {"--convention", "NAME", offsetof(struct walk_options, convention), "…"},
//         {"--require", NULL, offsetof(struct walk_options, require), "…"},
//     };
struct option_row {
    const char *name;     // with its dashes: "--python"
    const char *argument; // what help prints for its value ("VERSION"); NULL: a flag
    size_t offset;       // of its member: a const char *, a bool (flag) or a struct words (repeats)
    const char *help;    // for --help
    bool repeats;        // it may be given several times
    const char *choices; // the only values, with a bar between; NULL: others do
    const char *offers;  // values that completion offers, with a bar between; NULL: none are known
    bool is_input;       // a file that must be there; "-" and "none" are no files
    long long min_number; // of N, NUMBER and DAYS
    long long max_number; // 0: no bound
};

struct cli;
struct settings;

// Does the work and prints the answer. A failure goes up in *err and is printed by main.
typedef enum status command_function(struct cli *cli, struct error *err);

// One action of a command that has several: "registryctl token create NAME". Two rows of one name are
// two forms of one action; the first row holds the counts and the function.
struct action {
    const char *name;      // the word behind the command
    const char *arguments; // after the name: "NAME [FROM [TO]]", or ""
    size_t min_arguments;  // after the name
    size_t max_arguments;
    const char *help;
    command_function *run; // does the work
    const char *lines;  // the form of --format lines (lines.h); NULL: that of the command; "": none
    const char *format; // more values that --format takes here, with a bar between; or NULL
};

struct command {
    const char *name;      // the word behind registryctl
    const char *arguments; // "GROUP ROOT...", or "" for none
    size_t min_arguments;
    size_t max_arguments;    // 0 with min_arguments > 0: unlimited
    const char *format;      // more values that --format takes here, with a bar between; or NULL
    const char *lines;       // the form of --format lines (lines.h); NULL: it has none
    const char *summary;     // one line, begins with an imperative verb
    const char *description; // paragraphs for --help
    const struct action *actions; // its first argument is one of them; NULL: it has none
    size_t action_count;
    const struct option_row *options; // rows
    size_t option_count;
    size_t options_size;    // of the struct that `options` fill
    const char *exit_codes; // those with a meaning of their own, one a line
    const char *example;    // for --help
    command_function *run;  // NULL: the action's
    bool is_tolerant;       // it runs with a configuration file that is wrong
};

// One run of the program.
// It lives as long as main. Texts that commands print are made in its arena, which main frees.
struct cli {
    struct arena *arena;
    const struct command *command; // NULL: none was named
    const struct action *action;   // NULL: the command has none
    struct global_options global;  // options of every command
    void *options;                 // the command's own struct; NULL when it has no options
    const char *const *arguments;  // after the command; the action's name is the first
    size_t argument_count;
    struct output output;         // where results go
    struct settings *settings;    // of the configuration file; never NULL while a command runs
    struct error *settings_error; // why it cannot be used; NULL: it can
    int exit_code;                // of a command that did its work: 0, or 1 for "no"
};

// The members of a command row that describe its options.
#define COMMAND_OPTIONS(rows, type)                                                                \
    .options = (rows), .option_count = COUNT_OF(rows), .options_size = sizeof(type)

// The members of a command row that describe its actions.
#define COMMAND_ACTIONS(rows) .actions = (rows), .action_count = COUNT_OF(rows)

extern const struct command command_publish;
extern const struct command command_check;
extern const struct command command_import;
extern const struct command command_export;

extern const struct command command_pack;
extern const struct command command_resolve;
extern const struct command command_requirements;
extern const struct command command_walk;
extern const struct command command_compare;
extern const struct command command_discover;
extern const struct command command_entry_points;
extern const struct command command_contributions;
extern const struct command command_groups;
extern const struct command command_sync;
extern const struct command command_search;
extern const struct command command_find_entries;
extern const struct command command_alias;
extern const struct command command_group;
extern const struct command command_show;
extern const struct command command_yank;
extern const struct command command_deprecate;
extern const struct command command_archive;
extern const struct command command_quarantine;
extern const struct command command_outdated;
extern const struct command command_hold;
extern const struct command command_unhold;
extern const struct command command_snapshot;
extern const struct command command_transition;
extern const struct command command_environment;
extern const struct command command_secrets;
extern const struct command command_token;
extern const struct command command_grant;
extern const struct command command_reserve;
extern const struct command command_owner;
extern const struct command command_audit;
extern const struct command command_problems;
extern const struct command command_files;
extern const struct command command_watch;
extern const struct command command_login;
extern const struct command command_logout;
extern const struct command command_whoami;
extern const struct command command_completion;
extern const struct command command_status;
extern const struct command command_doctor;
extern const struct command command_help;

const struct command *command_at(size_t index); // in the order of the table; NULL past the end
const struct command *command_find(const char *name);
const struct option_row *command_global_option(size_t index); // NULL past the end

// The connection that the global options ask for. Fails with: USAGE, NO_MEMORY.
enum status command_connect(struct cli *cli, struct connection *ret_connection, struct error *err);
